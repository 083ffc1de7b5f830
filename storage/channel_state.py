"""ChannelState kept in the database, shared by all processes."""

from datetime import datetime, timedelta

from bot.clock import Clock
from storage.repositories import channel_state
from storage.repositories.channel_state import Entry
from storage.unit import Database


class StoredState:
    """What one adapter keeps; `scope` sets it apart from the others, as `wechat:main`."""

    def __init__(self, database: Database, clock: Clock, scope: str) -> None:
        self._database = database
        self._clock = clock
        self._scope = scope

    async def get(self, key: str) -> str | None:
        """The value, or None when absent or expired."""
        now = self._clock.now()
        return await self._database.read(lambda unit: channel_state.get(unit, self._scope, key, now))

    async def put(self, key: str, value: str, ttl: timedelta | None = None) -> None:
        """Set a value."""
        entry, now = Entry(self._scope, key, value, expires_at=self._end(ttl)), self._clock.now()
        await self._database.write(lambda unit: channel_state.put(unit, entry, now))

    async def put_if_absent(self, key: str, value: str, ttl: timedelta) -> bool:
        """Set a value unless a live one stands; True when it was set."""
        entry, now = Entry(self._scope, key, value, expires_at=self._end(ttl)), self._clock.now()
        return await self._database.write(lambda unit: channel_state.put_if_absent(unit, entry, now))

    async def lease(self, key: str, holder: str, ttl: timedelta) -> bool:
        """Take or renew a lease; True while `holder` has it."""
        entry, now = Entry(self._scope, _lease(key), "", holder, self._end(ttl)), self._clock.now()
        return await self._database.write(lambda unit: channel_state.lease(unit, entry, now))

    async def release(self, key: str, holder: str) -> None:
        """Give a lease back."""
        await self._database.write(lambda unit: channel_state.release(unit, self._scope, _lease(key), holder))

    def _end(self, ttl: timedelta | None) -> datetime | None:
        return None if ttl is None else self._clock.now() + ttl


def _lease(key: str) -> str:
    """A lease never meets a value of the same name."""
    return f"lease:{key}"
