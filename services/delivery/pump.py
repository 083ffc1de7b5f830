"""The pump: screen, wait for permits, claim, send, record. Nothing is open in the database while a message is sent.

Permits come before the claim, so that a killed worker leaves only what was really in flight in doubt (ADR 0004).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from bot.channels.base import Channel
from bot.errors import DatabaseBusy
from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery import fallback
from services.delivery.groups import SLICE, Groups, group_lane
from services.delivery.merging import Ready, settled, shared
from services.delivery.screening import Chunk, screen
from services.delivery.sending import Attempt, Ending, send
from services.delivery.submit import Delivery
from services.delivery.withdrawing import Withdrawals
from storage.repositories import accounts, claims, deliveries, notices, permits
from storage.repositories.claims import HOLD, Lane, Result
from storage.unit import Database, Unit

log = logging.getLogger(__name__)

CHUNK = 200
"""Rows looked at in one transaction (some 30 ms)."""
FLIGHT = 50
"""Messages on their way at the same time on one lane: the most that a kill can leave in doubt there."""
AHEAD = 0.5
"""Seconds of a lane's rate reserved at a time: a reply waits no longer behind a broadcast."""
HELD = 20
"""Seconds of a lane's rate looked at in one chunk: well below the time for which rows stay held."""
PATIENCE = 2.0
"""Longer waits are left to the next sweep."""
GRACE = 3.0
"""Seconds that messages in flight get when the worker stops."""
UNSENT = (DeliveryState.PENDING, DeliveryState.FAILED)
"""What surely did not go out; a doubtful message counts as sent, so that nobody gets more than they allowed."""


async def at_once() -> None:
    """Nobody here has to go first."""


@dataclass
class Pump:
    """Works off the lanes of this process. `holder` names the process among others.

    `courtesy` is waited for before each step of what is not urgent, so that who is waiting for an answer goes first.
    """

    database: Database
    delivery: Delivery
    channels: Mapping[tuple[ChannelKind, str], Channel]
    holder: str
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    courtesy: Callable[[], Awaitable[None]] = at_once
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, lane: Lane) -> bool:
        """Take the next chunk of a lane; True where it is worth coming back at once."""
        courtesy = at_once if lane.urgent else self.courtesy
        await courtesy()
        chunk = await self.database.write(lambda unit: self._screen(unit, lane))
        if not chunk.seen:
            return await self._work_groups(lane)
        moved = chunk.seen > len(chunk.ready)
        size = self._flight_size(lane)
        for start in range(0, len(chunk.ready), size):
            await courtesy()
            if self.stopping.is_set():
                return False
            endings = await self._fly(lane, chunk.ready[start : start + size])
            if endings is None or any(ending.pause_until for ending in endings):
                return False
            moved = moved or bool(endings)
        return moved

    async def _work_groups(self, lane: Lane) -> bool:
        """What is parked for sending by group; True where there may be more."""
        endings = await self.groups.send(lane)
        for start in range(0, len(endings), SLICE):
            await self._record(lane, endings[start : start + SLICE], grouped=True)
        return bool(endings) and not any(ending.pause_until for ending in endings)

    def _screen(self, unit: Unit, lane: Lane) -> Chunk:
        paused = permits.paused_until(unit, lane.name) - self._seconds()
        rate = self._channel(lane).capabilities.rate.account
        limit = CHUNK if rate is None else max(1, min(CHUNK, int(rate * HELD)))
        return Chunk(0, ()) if paused > PATIENCE else screen(unit, self.delivery, lane, self.holder, limit)

    def _flight_size(self, lane: Lane) -> int:
        rate = self._channel(lane).capabilities.rate.account
        return FLIGHT if rate is None else max(1, min(FLIGHT, int(rate * AHEAD)))

    async def _fly(self, lane: Lane, flight: Sequence[Ready]) -> list[Ending] | None:
        """Permits, claim, send, record; None where the lane has to rest."""
        wait, ours = await self.database.write(lambda unit: self._admit(unit, lane, flight))
        if wait > PATIENCE:
            return None
        if wait > 0:
            await self.sleep(wait)
            ours = await self.database.write(lambda unit: self._claim(unit, lane, flight))
        endings = await self._send(lane, [settled(ready, ours) for ready in flight if ready.due.id in ours])
        await self._record(lane, endings)
        return endings

    def _admit(self, unit: Unit, lane: Lane, flight: Sequence[Ready]) -> tuple[float, set[int]]:
        """The seconds until these may go and, where they may go now, those that are ours."""
        pace = permits.Pace(self._channel(lane).capabilities.rate.account, PATIENCE)
        wait = permits.reserve(unit, lane.name, len(flight), pace, self._seconds())
        return wait, self._claim(unit, lane, flight) if wait <= 0 else set()

    def _claim(self, unit: Unit, lane: Lane, flight: Sequence[Ready]) -> set[int]:
        rate = self._channel(lane).capabilities.rate.chat
        first = {ready.due.address: ready for ready in reversed(flight)}
        if rate is not None:
            names = {f"{lane.name}:{address}": ready for address, ready in first.items()}
            free = permits.grant(unit, list(names), rate, self._seconds())
            first = {name: names[name] for name in free}
        ids = [one for ready in first.values() for one in ready.ids]
        return claims.claim(unit, ids, self.holder, self.delivery.clock.now())

    async def _send(self, lane: Lane, flight: Sequence[Ready]) -> list[Ending]:
        """All at once; when the worker stops they get a little time, then count as doubtful."""
        channel = self._channel(lane)
        now = self.delivery.clock.now()
        tasks = [asyncio.create_task(send(Attempt(ready.due, ready.outgoing, channel, now))) for ready in flight]
        if not tasks:
            return []
        stop = asyncio.create_task(self.stopping.wait())
        everything = asyncio.gather(*tasks)
        first: set[asyncio.Future[Any]] = {everything, stop}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        _, late = await asyncio.wait(tasks, timeout=GRACE if self.stopping.is_set() else None)
        for task in late:
            task.cancel()
        pairs = zip(flight, await everything, strict=True)
        return [ending for ready, sent in pairs for ending in shared(ready, sent)]

    async def _record(self, lane: Lane, endings: Sequence[Ending], *, grouped: bool = False) -> None:
        """Write down what happened, however long the database takes: nobody else knows it."""
        while endings:
            try:
                await self.database.write(lambda unit: self._write(unit, lane, endings, grouped=grouped))
                return
            except DatabaseBusy:
                log.warning("%s: %d outcomes wait for the database", lane.name, len(endings))
                if self.stopping.is_set():
                    return  # they are found in doubt at the next start
                await self.sleep(1.0)

    def _write(self, unit: Unit, lane: Lane, endings: Sequence[Ending], *, grouped: bool) -> None:
        now = self.delivery.clock.now()
        results = [ending.result for ending in endings]
        moved = fallback.divert(unit, self.delivery, results, self.holder, now)
        claims.record(unit, results, self.holder, now)
        again = [result.id for result in results if result.state is DeliveryState.PENDING]
        deliveries.cancel_stopped(unit, {*again, *moved}, now)
        capabilities = self._channel(lane).capabilities
        if capabilities.window is not None:
            accounts.spend(unit, [(one.account_id, one.messages) for one in results if one.sent_at], capabilities, now)
            accounts.shut(unit, [one.account_id for one in results if one.shut], capabilities)
        if capabilities.consented:
            notices.spend(unit, _consents([one for one in results if one.state not in UNSENT]), now)
            notices.stop(unit, _consents([one for one in results if one.shut]), now)
        if grouped:
            self.groups.count(unit, endings)
        pauses = [ending.pause_until for ending in endings if ending.pause_until]
        if pauses:
            permits.pause(unit, group_lane(lane) if grouped else lane.name, max(pauses).timestamp())
        if any(ending.stopped for ending in endings):
            log.error("%s takes nothing: check its settings", lane.name)
            unit.announce("channel", lane.name)

    @cached_property
    def groups(self) -> Groups:
        """The part that sends to many at once."""
        return Groups(self.database, self.delivery, self.channels, self.holder)

    @cached_property
    def withdrawals(self) -> Withdrawals:
        """The part that takes back what staff have not confirmed."""
        return Withdrawals(self.database, self.delivery, self.channels)

    async def recover(self, before: datetime) -> int:
        """Settle what a worker that died was sending before an instant; returns how many are doubtful."""
        return await self.database.write(lambda unit: self._recover(unit, before))

    def _recover(self, unit: Unit, before: datetime) -> int:
        found = claims.orphans(unit, before, self.holder)
        if not found:
            return 0
        safe = {orphan.id for orphan in found if not orphan.passive and self._recognises(orphan)}
        doubtful = {orphan.id for orphan in found} - safe
        now = self.delivery.clock.now()
        claims.settle_orphans(unit, safe, DeliveryState.PENDING, now)
        deliveries.cancel_stopped(unit, safe, now)
        claims.settle_orphans(unit, doubtful, DeliveryState.UNCERTAIN, now)
        for delivery_id in doubtful:
            unit.announce("uncertain", delivery_id)
        return len(doubtful)

    def _recognises(self, orphan: claims.Orphan) -> bool:
        capabilities = self.delivery.accounts.get((orphan.channel, orphan.account))
        return capabilities is not None and capabilities.native_idempotency

    async def release(self, before: datetime) -> None:
        """Take back rows that a dead worker only held; only where no other worker lives."""
        await self.database.write(lambda unit: claims.release(unit, before, self.holder))

    async def tidy(self) -> None:
        """Give up what is too late, take it back from staff, and drop the permits of chats idle for an hour."""
        now = self.delivery.clock.now()
        lanes = [f"{kind}:{account}" for kind, account in self.channels]
        await self.database.write(lambda unit: claims.expire(unit, now))
        hour_ago = (now - timedelta(hours=1)).timestamp()
        await self.database.write(lambda unit: permits.forget(unit, lanes, hour_ago))
        await self.withdrawals.work()

    def _channel(self, lane: Lane) -> Channel:
        return self.channels[lane.channel, lane.account]

    def _seconds(self) -> float:
        return self.delivery.clock.now().timestamp()


def _consents(results: Sequence[Result]) -> list[tuple[int, str]]:
    return [(one.account_id, one.notice) for one in results if one.notice is not None]


def dead_before(started_at: datetime, now: datetime, *, alone: bool) -> datetime:
    """Claims older than this have no owner: a minute, or everything before our start where we are the only process."""
    return max(started_at, now - HOLD) if alone else now - HOLD
