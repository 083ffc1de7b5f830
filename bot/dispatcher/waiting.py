"""Requests that wait for a turn to end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.routing import Said


@dataclass
class Waiter:
    """Those who wait for one inbox row; the result is what it said inside the request, if anything."""

    result: "asyncio.Future[Said | None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    heads: int = 0

    async def wait(self, seconds: float) -> bool:
        """Whether the turn ended within so many seconds."""
        done, _ = await asyncio.wait({self.result}, timeout=seconds)
        return bool(done)

    def end(self, said: Said | None) -> None:
        """The turn is over."""
        if not self.result.done():
            self.result.set_result(said)


@dataclass
class Waiters:
    """Who waits for which inbox row in this process; a row nobody waits for is not here."""

    rows: dict[int, Waiter] = field(default_factory=dict)

    def expect(self, inbox_id: int) -> None:
        """Somebody is about to wait for a row that has just been stored."""
        self.rows.setdefault(inbox_id, Waiter())

    @contextmanager
    def joined(self, inbox_id: int) -> Iterator[Waiter]:
        """Wait for a row inside this block."""
        waiter = self.rows.setdefault(inbox_id, Waiter())
        waiter.heads += 1
        try:
            yield waiter
        finally:
            waiter.heads -= 1
            if waiter.heads == 0:
                del self.rows[inbox_id]

    def of(self, inbox_id: int) -> Waiter | None:
        """Who waits for a row, if anybody."""
        return self.rows.get(inbox_id)
