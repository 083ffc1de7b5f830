"""The worker: drives the pump's lanes by hints, and sweeps for what no hint told of."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.errors import DatabaseBusy
from services.delivery.faults import report
from services.delivery.pump import GRACE, Pump, dead_before
from storage.repositories.claims import Lane

log = logging.getLogger(__name__)

SWEEP = 1.5
"""Seconds between two looks at the lanes without a hint."""
TIDY = 20
"""Sweeps between two tidyings."""
ENDING = GRACE + 1.0
"""Seconds until a worker that was stopped is waited for no more."""


class Hints(Protocol):
    """The queue as the worker sees it."""

    async def consume(self, handler: Callable[[str], Awaitable[None]]) -> None:
        """Hand hints to `handler` until the queue is closed."""
        ...

    async def close(self) -> None:
        """Stop consuming."""
        ...


@dataclass
class Worker:
    """Sends what is due until it is stopped. `alone`: no other process works on this database.

    `others` are called for hints that mean other work, by their topic.
    """

    pump: Pump
    hints: Hints
    alone: bool
    others: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    _wakes: dict[Lane, asyncio.Event] = field(default_factory=dict)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._idle.set()

    async def run(self) -> None:
        """Settle what an earlier worker left, then send until `stop`; ends within 5 s of it."""
        self._idle.clear()
        try:
            await self._run(self.pump.delivery.clock.now())
        finally:
            self._idle.set()

    async def _run(self, started_at: datetime) -> None:
        self._wakes = {lane: asyncio.Event() for lane in _lanes(self.pump)}
        if self.alone:
            await self.pump.release(started_at)
        async with asyncio.TaskGroup() as group:
            for lane in self._wakes:
                group.create_task(self._drive(lane))
            group.create_task(self._sweep(started_at))
            group.create_task(self._take_back())
            group.create_task(self._listen())

    async def stop(self) -> None:
        """Begin nothing more; what is in flight gets 3 s, and is recorded."""
        self.pump.stopping.set()
        await self.hints.close()
        self._wake()
        with suppress(TimeoutError):  # a database that takes nothing must not hold up the end
            async with asyncio.timeout(ENDING):
                await self._idle.wait()

    def _wake(self) -> None:
        for wake in self._wakes.values():
            wake.set()

    async def _listen(self) -> None:
        """A broken queue costs up to one sweep's delay, no more: it is asked again after a while."""
        while not self.pump.stopping.is_set():
            try:
                await self.hints.consume(self._hint)
            except Exception as error:  # outer loop: the queue is a convenience, the sweep does its work
                report("queue", error)
                await self._rest(30.0)

    async def _hint(self, hint: str) -> None:
        self.others.get(hint.partition(":")[0], self._wake)()

    async def _drive(self, lane: Lane) -> None:
        """Work off a lane whenever it is woken."""
        while not self.pump.stopping.is_set():
            await self._wakes[lane].wait()
            self._wakes[lane].clear()
            try:
                while not self.pump.stopping.is_set() and await self.pump.work(lane):
                    pass
            except DatabaseBusy as busy:
                log.warning("%s: %s", lane.name, busy)
            except Exception as error:  # outer loop: one fault must not end a lane; the next sweep tries again
                report(lane.name, error)

    async def _sweep(self, started_at: datetime) -> None:
        sweeps = 0
        while not self.pump.stopping.is_set():
            try:
                await self.pump.recover(dead_before(started_at, self.pump.delivery.clock.now(), alone=self.alone))
                if sweeps % TIDY == 0:
                    await self.pump.tidy()
            except DatabaseBusy as busy:
                log.warning("sweep: %s", busy)
            sweeps += 1
            self._wake()
            await self._rest(SWEEP)

    async def _take_back(self) -> None:
        """Beside the sweep: a platform may take its time for each of many tasks, and sending must not wait for that."""
        while not self.pump.stopping.is_set():
            try:
                await self.pump.withdrawals.work()
            except DatabaseBusy as busy:
                log.warning("taking back: %s", busy)
            await self._rest(SWEEP * TIDY)

    async def _rest(self, seconds: float) -> None:
        """Wait, unless the worker stops."""
        try:
            async with asyncio.timeout(seconds):
                await self.pump.stopping.wait()
        except TimeoutError:
            return


def _lanes(pump: Pump) -> list[Lane]:
    """Each account twice, so that a broadcast never stands before a reply."""
    return [Lane(kind, account, urgent) for kind, account in pump.channels for urgent in (True, False)]
