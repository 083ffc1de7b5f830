"""Calls in the name of one account: with its token, and once more with a new one when the platform refuses that."""

from collections.abc import Mapping

from bot.channels.base import ChannelState
from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.platform import File, Platform
from bot.channels.tencent.refusal import Refusal
from bot.channels.tencent.token import SharedToken, Token
from bot.channels.wechat.account import WechatAccount
from bot.channels.wechat.outcomes import TOKEN_REFUSED, token_error
from bot.clock import Clock
from bot.errors import OutcomeUnknown, TryLater


class Api:
    """The account's interface. Raises Refusal for an error code and SendError for everything else."""

    def __init__(self, account: WechatAccount, state: ChannelState, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._platform = Platform(account.api_root, account.patience)
        self._token = SharedToken(self.fetch_token, TOKEN_REFUSED, state, clock)

    async def post(self, path: str, fields: Mapping[str, object]) -> Fields:
        """Hand something over."""
        return await self._token.spent(lambda token: self._platform.post(path, fields, {"access_token": token}))

    async def upload(self, path: str, file: File, query: Mapping[str, str]) -> Fields:
        """Hand a file over."""
        return await self._token.spent(
            lambda token: self._platform.upload(path, file, {**query, "access_token": token})
        )

    async def get(self, path: str, query: Mapping[str, str]) -> Fields:
        """Ask something."""
        return await self._token.spent(lambda token: self._platform.get(path, {**query, "access_token": token}))

    async def download(self, path: str, query: Mapping[str, str], limit: int) -> bytes:
        """A file of at most `limit` bytes; MediaRefused for a larger one."""
        return await self._token.spent(
            lambda token: self._platform.download(path, {**query, "access_token": token}, limit)
        )

    async def follow(self, url: str, limit: int) -> bytes:
        """A file at an address that the platform gave in place of it."""
        return await self._platform.follow(url, {}, limit)

    async def shared_token(self) -> Token | None:
        """The one that all processes use, as far as there is one now."""
        return await self._token.shared()

    @property
    def root(self) -> str:
        """Where the interface is, without a slash at the end."""
        return self._account.api_root.rstrip("/")

    @property
    def date(self) -> str | None:
        """The platform's time, as its last answer gave it."""
        return self._platform.date

    def open(self) -> None:
        """Make ready."""
        self._platform.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._platform.close()

    async def fetch_token(self, force: bool) -> tuple[str, int]:
        """The platform's token and its seconds; without `force` the same as before while it works.

        A token has no recipient: whatever becomes of a call that asks for one, it may be asked again."""
        asked: dict[str, object] = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.secret,
        }
        try:
            answer = await self._platform.post("stable_token", {**asked, "force_refresh": force}, {})
            return _token_in(answer)
        except Refusal as refusal:
            raise token_error(refusal, self._clock.now()) from None
        except OutcomeUnknown as unknown:
            raise TryLater("token", unknown.detail) from None


def _token_in(answer: Fields) -> tuple[str, int]:
    token, seconds = word(answer, "access_token"), word(answer, "expires_in")
    if not token or not seconds.isdecimal():
        raise OutcomeUnknown("junk", "no token in the answer")
    return token, int(seconds)
