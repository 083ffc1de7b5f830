"""A note in the channel's state that several processes change, one after the other."""

import asyncio
import json
import secrets
from collections.abc import Callable
from datetime import timedelta

from bot.channels.base import ChannelState
from bot.errors import TryLater

_LEASE = timedelta(seconds=10)
_LOOK_AGAIN, _TRIES = 0.05, 60

Note = dict[str, dict[str, int]]
"""Numbers by name and sub-name."""


class SharedNote:
    """One note under `key`."""

    def __init__(self, state: ChannelState, key: str) -> None:
        self._state = state
        self._key = key
        self._holder = secrets.token_hex(8)
        self._lock = asyncio.Lock()

    async def read(self) -> Note:
        """As it stands."""
        written = await self._state.get(self._key)
        note: Note = json.loads(written) if written else {}
        return note

    async def change(self, change: Callable[[Note], None]) -> None:
        """Read, change and write with nobody between; TryLater where another process does not come to an end."""
        async with self._lock:
            await self._alone()
            try:
                note = await self.read()
                change(note)
                await self._state.put(self._key, json.dumps(note))
            finally:
                await self._state.release(self._key, self._holder)

    async def _alone(self) -> None:
        for _ in range(_TRIES):
            if await self._state.lease(self._key, self._holder, _LEASE):
                return
            await asyncio.sleep(_LOOK_AGAIN)
        raise TryLater("note", "another process is writing it")
