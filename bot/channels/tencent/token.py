"""The access token, shared by all processes so that any number of them make one fetch."""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.channels.base import ChannelState
from bot.channels.tencent.refusal import Refusal
from bot.clock import Clock
from bot.errors import SendError, StorageError, TryLater

log = logging.getLogger(__name__)
T = TypeVar("T")

AHEAD = timedelta(minutes=5)
"""The platform gives a new token in the last minutes of the old one, and both work until then."""

_LEASE = timedelta(seconds=30)
"""Longer than a fetch can take; when its holder dies, another process fetches after that."""

_TRY_AGAIN = timedelta(seconds=30)
"""After a fetch that failed while the old token still works."""

FORCED_A_DAY = 20
"""The platform forces no more, and none sooner after another than `_APART`."""

_APART, _A_DAY = timedelta(seconds=30), timedelta(days=1)

_LOOK_AGAIN, _PATIENCE = 0.1, 5.0
"""Seconds between two looks at what another process fetches, and how long to look."""

Fetch = Callable[[bool], Awaitable[tuple[str, int]]]
"""Gives a token and its seconds; True forces a new one."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, from when a new one should be had, and when it ends."""

    value: str
    renew_at: datetime
    ends_at: datetime

    def written(self) -> str:
        """As it is kept."""
        return json.dumps([self.value, self.renew_at.isoformat(), self.ends_at.isoformat()])


def _read(written: str) -> Token:
    value, renew_at, ends_at = json.loads(written)
    return Token(value, datetime.fromisoformat(renew_at), datetime.fromisoformat(ends_at))


class SharedToken:
    """One token of an account: held here, kept in the channel's state under `key`, fetched under a lease.

    `refused`: the platform's codes that are worth one new token.
    """

    def __init__(
        self, fetch: Fetch, refused: frozenset[int], state: ChannelState, clock: Clock, key: str = "token"
    ) -> None:
        self._key = key
        self._fetch = fetch
        self._refused = refused
        self._state = state
        self._clock = clock
        self._held: Token | None = None
        self._lock = asyncio.Lock()
        self._holder = secrets.token_hex(8)

    async def spent(self, call: Callable[[str], Awaitable[T]]) -> T:
        """What a call with the token gives, once more with a new one where the platform refuses that."""
        token = await self.get()
        try:
            return await call(token)
        except Refusal as refusal:
            if refusal.code not in self._refused:
                raise
            log.info("%s: refused (%s), renewing it", self._key, refusal.code)
        return await call(await self.renew(token))

    async def get(self) -> str:
        """A token that should work. While it is being renewed ahead of its end, the old one is given out."""
        held, now = self._held, self._clock.now()
        if held and (now < held.renew_at or (now < held.ends_at and self._lock.locked())):
            return held.value
        return await self._one_at_a_time("")

    async def shared(self) -> Token | None:
        """What all processes share now, unless it has ended; StorageError where the database does not tell."""
        return await self._kept("")

    async def renew(self, refused: str) -> str:
        """Another token than the one the platform refused."""
        return await self._one_at_a_time(refused)

    async def _one_at_a_time(self, refused: str) -> str:
        """Whoever waited here takes what the first one brought."""
        async with self._lock:
            held = self._held
            if held is None or held.value == refused or self._clock.now() >= held.renew_at:
                try:
                    held = self._held = await self._settled(refused)
                except StorageError:
                    raise TryLater("token", "the database did not give it") from None
        return held.value

    async def _settled(self, refused: str) -> Token:
        """What another process has fetched, or what we fetch; TryLater when the other does not come to an end."""
        for _ in range(int(_PATIENCE / _LOOK_AGAIN)):
            kept = await self._kept(refused)
            if kept and self._clock.now() < kept.renew_at:
                return kept
            if await self._state.lease(self._key, self._holder, _LEASE):
                return await self._fetched(refused)
            if kept:
                return kept
            await asyncio.sleep(_LOOK_AGAIN)
        raise TryLater("token", "another process is fetching it")

    async def _kept(self, refused: str) -> Token | None:
        """The shared token unless it has ended or is the refused one."""
        written = await self._state.get(self._key)
        token = _read(written) if written else None
        usable = token is not None and token.value != refused and self._clock.now() < token.ends_at
        return token if usable else None

    async def _fetched(self, refused: str) -> Token:
        """Under the lease. Another may have fetched between our look and the lease, so look once more."""
        try:
            kept = await self._kept(refused)
            if kept and self._clock.now() < kept.renew_at:
                return kept
            return await self._fetched_or(kept, refused)
        finally:
            await self._state.release(self._key, self._holder)

    async def _may_force(self) -> bool:
        """Whether a new token may be forced: not sooner than half a minute after the last time, nor too often a day.

        Without it the refused token is given once more, and its second refusal stops the account.
        """
        if not await self._state.put_if_absent(f"{self._key}:forced", "", _APART):
            return False
        for number in range(FORCED_A_DAY):
            if await self._state.put_if_absent(f"{self._key}:forced:{number}", "", _A_DAY):
                return True
        log.warning(
            "%s: forced %d times in a day; is another program at work with this account?", self._key, number + 1
        )
        return False

    async def _fetched_or(self, kept: Token | None, refused: str) -> Token:
        """A new token; where none comes and the old one still works, that."""
        try:
            value, seconds = await self._fetch(False)
            if value == refused and await self._may_force():
                value, seconds = await self._fetch(True)
        except SendError:
            if kept is None:
                raise
            return replace(kept, renew_at=self._clock.now() + _TRY_AGAIN)
        now, life = self._clock.now(), timedelta(seconds=seconds)
        token = Token(value, now + max(life - AHEAD, life / 2), now + life)
        await self._state.put(self._key, token.written(), life)
        return token
