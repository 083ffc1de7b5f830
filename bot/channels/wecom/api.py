"""Calls in the name of one part of a corp (app, service desk, contacts), each with the token of its own secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.channels.base import ChannelState
from bot.channels.tencent.media import PATH, is_gone, named
from bot.channels.tencent.notation import Fields, word
from bot.channels.tencent.platform import File, Platform
from bot.channels.tencent.refusal import Refusal
from bot.channels.tencent.token import SharedToken, Token
from bot.channels.wecom.outcomes import TOKEN_REFUSED, TOO_FAST, send_error, token_error
from bot.clock import Clock
from bot.errors import MediaRefused, OutcomeUnknown, SendError, TryLater
from bot.vocabulary import MediaRefusal


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a corp: its name here, and the keys that open it."""

    name: str
    corp_id: str
    secret: str = field(repr=False)


class Api:
    """The interface of one part. Raises Refusal for an error code and SendError for everything else."""

    def __init__(self, part: Part, platform: Platform, state: ChannelState, clock: Clock) -> None:
        self._part = part
        self._platform = platform
        self._token = SharedToken(self.fetch_token, TOKEN_REFUSED, state, clock, f"token:{part.name}")
        self._too_fast = 0

    async def post(self, path: str, fields: Mapping[str, object]) -> Fields:
        """Hand something over, once more with a new token where the platform refuses that."""
        answer = await self._token.spent(lambda token: self._platform.post(path, fields, {"access_token": token}))
        if "errcode" not in answer:
            raise OutcomeUnknown("junk", "no answer of the platform")
        self._too_fast = 0
        return answer

    async def upload(self, file: File, kind: str) -> Fields:
        """Hand a file in for three days; only this corp can use its number."""
        query = {"type": kind}
        return await self._token.spent(
            lambda token: self._platform.upload("media/upload", file, {**query, "access_token": token})
        )

    async def fetch(self, media: Mapping[str, str], limit: int) -> bytes:
        """What a client sent to this part in the last three days."""
        query = named(media)
        try:
            return await self._token.spent(
                lambda token: self._platform.download(PATH, {**query, "access_token": token}, limit)
            )
        except Refusal as refusal:
            if is_gone(refusal):
                raise MediaRefused(MediaRefusal.GONE) from None
            raise self.outcome(refusal) from None

    async def get(self, path: str, query: Mapping[str, str]) -> Fields:
        """Ask something, once more with a new token where the platform refuses that."""
        return await self._token.spent(lambda token: self._platform.get(path, {**query, "access_token": token}))

    async def shared_token(self) -> Token | None:
        """The one that all processes use, as far as there is one now."""
        return await self._token.shared()

    @property
    def date(self) -> str | None:
        """The platform's time, as its last answer gave it."""
        return self._platform.date

    def outcome(self, refusal: Refusal) -> SendError:
        """What a refusal means for a message, and how long the part has to rest after it."""
        self._too_fast += refusal.code in TOO_FAST
        return send_error(refusal, self._too_fast)

    async def fetch_token(self, force: bool) -> tuple[str, int]:
        """The platform's token and its seconds.

        A token has no recipient: whatever becomes of a call that asks for one, it may be asked again.

        The platform knows no `force`: it gives the same token until that ends or is revoked.
        """
        asked = {"corpid": self._part.corp_id, "corpsecret": self._part.secret}
        try:
            return _token_in(await self._platform.get("gettoken", asked))
        except Refusal as refusal:
            raise token_error(refusal) from None
        except OutcomeUnknown as unknown:
            raise TryLater("token", unknown.detail) from None


def _token_in(answer: Fields) -> tuple[str, int]:
    token, seconds = word(answer, "access_token"), word(answer, "expires_in")
    if not token or not seconds.isdecimal():
        raise OutcomeUnknown("junk", "no token in the answer")
    return token, int(seconds)
