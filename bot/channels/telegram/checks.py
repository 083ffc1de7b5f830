"""What can be seen of a bot: its token, how updates come, and whether Telegram can bring them."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from telegram.error import TelegramError

from bot.channels.checks import Knock, clocks, knock, refused
from bot.channels.telegram.account import TelegramAccount
from bot.channels.telegram.lean import LeanBot
from bot.channels.telegram.outcomes import outcome
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.wire import SECRET_HEADER
from bot.clock import Clock
from bot.vocabulary.health import Observation, Remark

NOTHING = b'{"update_id": 0}'
"""An update in which nothing happened."""

LATELY = timedelta(hours=1)
MANY = 100
"""Updates that wait at the platform; more means that we do not take them."""

LONGEST = 120

Info = Mapping[str, object]


class Checks:
    """Looks at one bot."""

    def __init__(self, account: TelegramAccount, bot: LeanBot, request: AiohttpRequest, clock: Clock) -> None:
        self._account = account
        self._bot = bot
        self._request = request
        self._clock = clock

    async def run(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """Our own address first: it can be seen also where the platform cannot."""
        if public_url and self._account.hook:
            yield await self._callback(self._account.hook)
        try:
            me, waiting = await self._asked("getMe"), await self._asked("getWebhookInfo")
        except TelegramError as error:
            yield refused(outcome(error))
            return
        yield Observation(Remark.ACCESS_WORKS)
        if seen := clocks(self._request.date, self._clock.now()):
            yield seen
        yield Observation(Remark.BOT_KNOWN, {"name": str(me.get("username", ""))})
        yield Observation(Remark.GROUPS_OPEN if me.get("can_join_groups") else Remark.GROUPS_CLOSED)
        yield self._webhook(waiting)

    async def _asked(self, method: str) -> Info:
        answer = await self._bot.ask(method, {})
        if not isinstance(answer, dict):
            raise TelegramError("unreadable answer")
        return answer

    async def _callback(self, address: str) -> Observation:
        """Telegram posts to us; an update in which nothing happened leaves nothing behind."""
        headers = {SECRET_HEADER: self._account.secret_token or "", "content-type": "application/json"}
        return await knock(Knock(address, "", post=NOTHING, headers=headers))

    def _webhook(self, info: Info) -> Observation:
        """Whether updates come the way that the settings say; of a foreign address only the host is told."""
        url, waiting = str(info.get("url") or ""), _number(info, "pending_update_count")
        host = urlsplit(url).netloc
        if url != (self._account.hook or ""):
            if not url:
                return Observation(Remark.WEBHOOK_MISSING)
            elsewhere = Remark.WEBHOOK_ELSEWHERE if self._account.hook else Remark.WEBHOOK_IN_THE_WAY
            return Observation(elsewhere, {"host": host})
        if url and self._clock.now() - _instant(info, "last_error_date") < LATELY:
            return Observation(Remark.WEBHOOK_FAILING, {"words": str(info.get("last_error_message"))[:LONGEST]})
        if waiting > MANY:
            return Observation(Remark.WEBHOOK_BEHIND, {"number": str(waiting)})
        return Observation(Remark.WEBHOOK_SET if url else Remark.WEBHOOK_POLLED, {"number": str(waiting)})


def _number(info: Info, name: str) -> int:
    value = info.get(name)
    return value if isinstance(value, int) else 0


def _instant(info: Info, name: str) -> datetime:
    return datetime.fromtimestamp(_number(info, name), UTC)
