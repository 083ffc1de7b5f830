"""Whether the platform lets an account in: its secret, and the token that all processes share."""

from typing import Protocol

from bot.channels.checks import clocks, refused
from bot.channels.tencent.token import Token
from bot.clock import Clock
from bot.errors import SendError, StorageError
from bot.vocabulary.health import Observation, Remark


class Interface(Protocol):
    """What WeChat's and WeCom's calls have alike."""

    @property
    def date(self) -> str | None:
        """The platform's time, as its last answer gave it."""
        ...

    async def fetch_token(self, force: bool) -> tuple[str, int]:
        """The platform's token and its seconds; raises SendError."""
        ...

    async def shared_token(self) -> Token | None:
        """The one that all processes use; StorageError where the database does not tell."""
        ...


async def entrance(api: Interface, clock: Clock) -> tuple[bool, list[Observation]]:
    """Whether it is worth asking for more, and what was seen. The platform gives its present token, no new one."""
    try:
        given, _ = await api.fetch_token(False)
    except SendError as error:
        return False, [*_clock(api, clock), refused(error)]
    told = _clock(api, clock)  # at once: the database may take its time
    return True, [Observation(Remark.ACCESS_WORKS), *await _shared(api, given, clock), *told]


async def _shared(api: Interface, given: str, clock: Clock) -> list[Observation]:
    try:
        shared = await api.shared_token()
    except StorageError:  # the database has a row of its own
        return []
    if shared is None:
        return [Observation(Remark.SHARED_NONE)]
    if shared.value != given and clock.now() < shared.renew_at:
        return [Observation(Remark.SHARED_OTHER)]
    return [Observation(Remark.SHARED_FRESH, {"minutes": _minutes(shared, clock)})]


def _minutes(token: Token, clock: Clock) -> str:
    return f"{(token.ends_at - clock.now()).total_seconds() // 60:.0f}"


def _clock(api: Interface, clock: Clock) -> list[Observation]:
    seen = clocks(api.date, clock.now())
    return [seen] if seen else []
