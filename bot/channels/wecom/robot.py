"""A group's robot: tells a group of staff something. Its key is all it takes, so the key is a secret."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.channels.base import Notified
from bot.channels.tencent.notation import legible
from bot.channels.tencent.platform import Platform
from bot.channels.tencent.refusal import Refusal
from bot.channels.wecom.account import LONGEST, WecomAccount
from bot.channels.wecom.outcomes import send_error
from bot.clock import Clock
from bot.errors import ContentRefused, Throttled
from bot.splitting import split

A_MINUTE = 20
_MINUTE = timedelta(minutes=1)


class GroupRobot:
    """StaffNotices and Opener for one group. Who goes on above the limit is blocked for minutes: we stop before."""

    def __init__(self, account: WecomAccount, clock: Clock) -> None:
        self._key = account.robot_key or ""
        self._clock = clock
        self._platform = Platform(account.api_root, account.patience)
        self._said: deque[datetime] = deque(maxlen=A_MINUTE)

    async def open(self) -> None:
        """Make ready to send."""
        self._platform.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._platform.close()

    async def notify(self, members: Sequence[str], text: str) -> Notified:
        """Tell the group, and mark these members of it; the first part only of a text that is too long."""
        parts = split(legible(text), LONGEST)
        if not parts:
            raise ContentRefused("44004", "nothing to send")
        self._count()
        said = {"msgtype": "text", "text": {"content": parts[0], "mentioned_list": list(members)}}
        try:
            await self._platform.post("webhook/send", said, {"key": self._key})
        except Refusal as refusal:
            raise send_error(refusal) from None
        return Notified()

    def _count(self) -> None:
        now = self._clock.now()
        if len(self._said) == A_MINUTE and now - self._said[0] < _MINUTE:
            raise Throttled((self._said[0] + _MINUTE - now).total_seconds(), "limit")
        self._said.append(now)
