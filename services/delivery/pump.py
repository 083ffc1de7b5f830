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

from bot.channels.base import Capabilities, Channel
from bot.errors import DatabaseBusy
from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery import early, fallback
from services.delivery.groups import SLICE, Groups, group_lane
from services.delivery.merging import Ready, settled, shared
from services.delivery.screening import Chunk, screen
from services.delivery.sending import Attempt, Ending, Fetch, send
from services.delivery.submit import Delivery
from services.delivery.tour import Tour
from services.delivery.withdrawing import Withdrawals
from storage.repositories import accounts, claims, deliveries, notices, orphans, permits
from storage.repositories.claims import HOLD, Lane, Result
from storage.unit import Database, Unit

log = logging.getLogger(__name__)

CHUNK = 50
"""Rows looked at in one transaction."""
FLIGHT = 25
"""Messages of one flight: claimed, sent and recorded together."""
FLIGHTS = 2
"""Flights of a lane at the same time: while one is in the air, the other is at the database."""
MOST_FLIGHTS = 8
"""The most that a kill can leave in doubt on one lane, in flights."""
UNDER_WAY = 0.2
"""Seconds of a fast account's rate that are on their way at the same time: how long a platform takes to answer."""
AHEAD = 0.5
"""Seconds of a lane's rate reserved at a time: a reply waits no longer behind a broadcast."""
HELD = 20
"""Seconds of a lane's rate looked at in one chunk: well below the time for which rows stay held."""
PATIENCE = 2.0
"""Longer waits are left to the next sweep."""
GRACE = 3.0
"""Seconds that messages in flight get when the worker stops."""
LOST = timedelta(minutes=10)
"""After so long nothing of this process is still on its way: what became of it could not be written down."""
UNSENT = (DeliveryState.PENDING, DeliveryState.FAILED)
"""What surely did not go out; a doubtful message counts as sent, so that nobody gets more than they allowed."""


async def at_once() -> None:
    """Nobody here has to go first."""


@dataclass
class Pump:
    """Works off the lanes of this process. `holder` names the process among others.

    `courtesy` is waited for before each step of what is not urgent, so that who is waiting for an answer goes first.
    `enclosed` gives the pictures and files that go with messages.
    """

    database: Database
    delivery: Delivery
    channels: Mapping[tuple[ChannelKind, str], Channel]
    holder: str
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    courtesy: Callable[[], Awaitable[None]] = at_once
    enclosed: Fetch | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, lane: Lane) -> bool:
        """Send what a lane holds now, in several flights at a time; True where it is worth coming back at once."""
        tour = self._tour(lane)
        flights = (self._fly(tour) for _ in range(self._flights(lane)))
        for ended in await asyncio.gather(*flights, return_exceptions=True):
            if isinstance(ended, BaseException):  # raised only now: the others had to come to their end
                raise ended
        if not tour.seen:
            return await self._work_groups(lane)
        return tour.moved and not tour.resting and not self.stopping.is_set()

    def _tour(self, lane: Lane) -> Tour:
        rate = self._channel(lane).capabilities.rate.account
        if rate is None:
            return Tour(lane, CHUNK, FLIGHT)
        return Tour(lane, max(1, min(CHUNK, int(rate * HELD))), max(1, min(FLIGHT, int(rate * AHEAD))))

    def _flights(self, lane: Lane) -> int:
        """An account that may send fast needs more on its way at once, as each answer takes its time."""
        rate = self._channel(lane).capabilities.rate.account
        return min(max(FLIGHTS, int((rate or 0) * UNDER_WAY) // FLIGHT), MOST_FLIGHTS)

    async def _fly(self, tour: Tour) -> None:
        """Take messages, send and record them, until there are no more or the lane has to rest."""
        while flight := await self._board(tour):
            endings = await self._send(tour.lane, flight)
            tour.heard(endings)
            await self._record(tour.lane, endings)
            tour.landed(flight)

    async def _board(self, tour: Tour) -> list[Ready]:
        """The next messages, claimed; none at the end."""
        async with tour.turn:
            while not (tour.resting or tour.over or self.stopping.is_set()):
                flight = await (self._look(tour) if tour.hungry else self._claimed(tour))
                if flight:
                    tour.took_off(flight)
                    return flight
        return []

    async def _look(self, tour: Tour) -> None:
        """Feed the tour."""
        if tour.exhausted:
            tour.over = True
            return
        await self._give_way(tour.lane)
        tour.feed(await self.database.write(lambda unit: self._screen(unit, tour.lane, tour.limit), brief=True))

    async def _claimed(self, tour: Tour) -> list[Ready]:
        """Permits, then the claim."""
        lane, flight = tour.lane, tour.next()
        await self._give_way(lane)
        if not flight or self.stopping.is_set():
            return []
        wait, ours = await self.database.write(lambda unit: self._admit(unit, lane, flight), brief=True)
        if wait > PATIENCE:
            tour.resting = True
        elif wait > 0:
            await self.sleep(wait)
            if not (tour.resting or self.stopping.is_set()):
                ours = await self.database.write(lambda unit: self._claim(unit, lane, flight), brief=True)
        return [settled(ready, ours) for ready in flight if ready.due.id in ours]

    async def _give_way(self, lane: Lane) -> None:
        if not lane.urgent:
            await self.courtesy()

    async def _work_groups(self, lane: Lane) -> bool:
        """What is parked for sending by group; True where there may be more."""
        endings = await self.groups.send(lane)
        for start in range(0, len(endings), SLICE):
            await self._record(lane, endings[start : start + SLICE], grouped=True)
        return bool(endings) and not any(ending.pause_until for ending in endings)

    def _screen(self, unit: Unit, lane: Lane, limit: int = CHUNK) -> Chunk:
        paused = permits.paused_until(unit, lane.name) - self._seconds()
        return Chunk(0, ()) if paused > PATIENCE else screen(unit, self.delivery, lane, self.holder, limit)

    def _admit(self, unit: Unit, lane: Lane, flight: Sequence[Ready]) -> tuple[float, set[int]]:
        """The seconds until these may go and, where they may go now, those that are ours."""
        capabilities = self._channel(lane).capabilities
        pace = permits.Pace(capabilities.rate.account, PATIENCE)
        messages = sum(_weight(one, capabilities) for one in flight)
        wait = permits.reserve(unit, lane.name, messages, pace, self._seconds())
        return wait, self._claim(unit, lane, flight) if wait <= 0 else set()

    def _claim(self, unit: Unit, lane: Lane, flight: Sequence[Ready]) -> set[int]:
        rate = self._channel(lane).capabilities.rate.chat
        first = {ready.due.address: ready for ready in reversed(flight)}
        if rate is not None:
            names = {f"{lane.name}:{address}": ready for address, ready in first.items()}
            free = permits.grant(unit, list(names), rate, self._seconds())
            first = {name: names[name] for name in free}
        now = self.delivery.clock.now()
        ours = claims.claim(unit, [ready.due.id for ready in first.values()], self.holder, now)
        # What goes in another's message is claimed only with that: nobody would send it alone.
        company = [one.id for ready in first.values() if ready.due.id in ours for one in ready.company]
        return ours | claims.claim(unit, company, self.holder, now) if company else ours

    async def _send(self, lane: Lane, flight: Sequence[Ready]) -> list[Ending]:
        """All at once; when the worker stops they get a little time, then count as doubtful."""
        channel = self._channel(lane)
        now = self.delivery.clock.now()
        attempts = [Attempt(ready.due, ready.outgoing, channel, now, self.enclosed) for ready in flight]
        tasks = [asyncio.create_task(send(attempt)) for attempt in attempts]
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
                await self.database.write(
                    lambda unit: self._write(unit, lane, endings, grouped=grouped), brief=not grouped
                )
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
        for result in results:
            if result.state is DeliveryState.UNCERTAIN:
                unit.announce("uncertain", result.id)
        if any(ending.stopped for ending in endings):
            log.error("%s takes nothing: check its settings", lane.name)
            unit.announce("channel", lane.name)

    @cached_property
    def groups(self) -> Groups:
        """The part that sends to many at once."""
        return Groups(self.database, self.delivery, self.channels, self.holder, self.enclosed)

    @cached_property
    def withdrawals(self) -> Withdrawals:
        """The part that takes back what staff have not confirmed."""
        return Withdrawals(self.database, self.delivery, self.channels)

    async def recover(self, before: datetime) -> int:
        """Settle what a worker that died was sending before an instant, or what a fault of ours kept from being
        written down; returns how many are doubtful."""
        return await self.database.write(lambda unit: self._recover(unit, before))

    def _recover(self, unit: Unit, before: datetime) -> int:
        now = self.delivery.clock.now()
        found = orphans.find(unit, before, self.holder, now - LOST)
        if not found:
            return 0
        safe = {orphan.id for orphan in found if not orphan.passive and self._recognises(orphan)}
        doubtful = {orphan.id for orphan in found} - safe
        orphans.settle(unit, safe, DeliveryState.PENDING, now)
        deliveries.cancel_stopped(unit, safe, now)
        orphans.settle(unit, doubtful, DeliveryState.UNCERTAIN, now)
        for delivery_id in doubtful:
            unit.announce("uncertain", delivery_id)
        return len(doubtful)

    def _recognises(self, orphan: orphans.Orphan) -> bool:
        capabilities = self.delivery.accounts.get((orphan.channel, orphan.account))
        return capabilities is not None and capabilities.native_idempotency

    async def release(self, before: datetime) -> None:
        """Take back rows that a dead worker only held; only where no other worker lives."""
        await self.database.write(lambda unit: orphans.release(unit, before, self.holder))

    async def tidy(self) -> None:
        """Give up what is too late, take in early reports, and drop the permits of chats idle for an hour."""
        now = self.delivery.clock.now()
        lanes = [f"{kind}:{account}" for kind, account in self.channels]
        await self.database.write(lambda unit: orphans.expire(unit, now))
        hour_ago = (now - timedelta(hours=1)).timestamp()
        await self.database.write(lambda unit: permits.forget(unit, lanes, hour_ago))
        await self.database.write(lambda unit: early.again(unit, self.delivery, self.channels.keys()))

    def _channel(self, lane: Lane) -> Channel:
        return self.channels[lane.channel, lane.account]

    def _seconds(self) -> float:
        return self.delivery.clock.now().timestamp()


def _weight(ready: Ready, capabilities: Capabilities) -> int:
    """A picture or file is a message of its own to the platform, and so is a card."""
    shown = ready.due.media_id is not None and bool(capabilities.media & {"image", "file"})
    return 1 + shown + len(ready.outgoing.enclosed)


def _consents(results: Sequence[Result]) -> list[tuple[int, str]]:
    return [(one.account_id, one.notice) for one in results if one.notice is not None]


def dead_before(started_at: datetime, now: datetime, *, alone: bool) -> datetime:
    """Claims older than this have no owner: a minute, or everything before our start where we are the only process."""
    return max(started_at, now - HOLD) if alone else now - HOLD
