"""The dispatcher: takes what comes in, works on conversations under their leases, lets requests wait for replies."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.dispatcher.parts import Parts
from bot.dispatcher.trying import Trying
from bot.dispatcher.waiting import Waiters
from bot.errors import DatabaseBusy, places
from bot.messages import Inbound
from bot.routing import Said
from services.delivery.submission import Route
from services.delivery.submit import repump
from storage.batch import Batch
from storage.repositories import arrivals, conversations, inbox, transcripts
from storage.repositories.arrivals import Arrival
from storage.repositories.inbox import InboxState, Stored, Work
from storage.unit import Unit

log = logging.getLogger(__name__)

SETTLE_SECONDS = 0.3
"""How long it may take to settle, after its time is up, that a reply goes by the pump; and to see it end just then."""


@dataclass(eq=False)
class _Request:
    """What one request brought; `waits`: somebody waits for the turn of the first; `stored` once it stands."""

    arrivals: Sequence[Arrival]
    waits: bool
    stored: list[Stored] | None = None


@dataclass
class Dispatcher:
    """The one place where turns happen."""

    parts: Parts
    _waiters: Waiters = field(default_factory=Waiters)
    _lanes: set["asyncio.Task[None]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._trying = Trying(self.parts, self._waiters)
        self._arriving = Batch[_Request, list[Stored]](self.parts.database, self._accept, self._begin)

    async def take(
        self, items: Sequence[Inbound], replay_key: str | None = None, patience: float = 2.0, *, waits: bool = False
    ) -> list[Stored]:
        """Store arrivals and begin their turns; DatabaseBusy when that takes longer than `patience` seconds.

        What is stored later than that is handled all the same, and found when the platform tries again.
        `waits`: the caller asks next for the `passive_reply` of the first, or whether it is `finished`; it has to
        say so, for the turn may be over before it can ask.
        """
        request = _Request([Arrival(item, None if n else replay_key) for n, item in enumerate(items)], waits)
        storing = asyncio.create_task(self._arriving.write(request))
        try:
            await asyncio.wait({storing}, timeout=patience)
        finally:
            if not storing.done():
                request.waits = False
                storing.add_done_callback(_stored_late)
        if request.stored is not None:  # maybe at this very moment, and its turn counts on who waits
            return request.stored
        if not storing.done():
            raise DatabaseBusy("no answer from the database in time")
        return storing.result()

    def _accept(self, unit: Unit, requests: Sequence[_Request]) -> list[list[Stored]]:
        """What several requests brought, in one go."""
        every = [arrival for request in requests for arrival in request.arrivals]
        stored = iter(arrivals.accept(unit, every, self.parts.lease()))
        return [[next(stored) for _ in request.arrivals] for request in requests]

    def _begin(self, request: _Request, stored: list[Stored]) -> None:
        """Know who waits before any turn can take the rows up, then begin the turns."""
        request.stored = stored
        if request.waits and stored[0].state is InboxState.NEW and stored[0].route is None:
            self._waiters.expect(stored[0].inbox_id)
        for one in stored:
            if one.work:
                self._start(one.work)

    async def passive_reply(self, stored: Stored, seconds: float) -> Said | None:
        """What the turn says inside the platform's request; None: the pump sends it, if anything.

        A turn that is not over in time loses the right to answer here, settled by compare-and-set on its row.
        """
        if stored.state is not InboxState.NEW or stored.route is not None:
            return await self._said_before(stored)
        with self._waiters.joined(stored.inbox_id) as waiter:
            if await waiter.wait(seconds):
                return waiter.result.result()
            if waiter.heads > 1 or await self._settled_for_pump(stored.inbox_id):
                return None
            return waiter.result.result() if await waiter.wait(SETTLE_SECONDS) else None

    async def finished(self, stored: Stored, seconds: float) -> bool:
        """Whether the turn is over, waiting at most so long."""
        if stored.state is not InboxState.NEW:
            return True
        with self._waiters.joined(stored.inbox_id) as waiter:
            return await waiter.wait(seconds)

    async def start(self, *, alone: bool) -> None:
        """Take up what a crash left; `alone`: no other process works on this database, so every lease is void."""
        if alone:
            await self.parts.database.write(conversations.free_leases)
        await self.sweep()

    async def run(self) -> None:
        """Sweep for ever: rows that a dead process or a busy database left behind."""
        while True:
            await asyncio.sleep(self.parts.sweep_seconds)
            try:
                await self.sweep()
            except DatabaseBusy as error:
                log.warning("sweep of the inbox put off: %s", error)

    async def sweep(self) -> None:
        """Take up every conversation with unhandled rows that nobody works on."""
        now = self.parts.clock.now()
        for conversation_id in await self.parts.database.read(lambda unit: inbox.orphans(unit, now)):
            work = await self._resume(conversation_id)
            if work:
                self._start(work)

    async def close(self, seconds: float = 3.0) -> None:
        """Let running turns end; what is not over by then stays in the inbox for the next start."""
        if self._lanes:
            await asyncio.wait(set(self._lanes), timeout=seconds)
        for lane in set(self._lanes):
            lane.cancel()

    async def idle(self) -> None:
        """Wait until no turn is running here."""
        while self._lanes:
            await asyncio.wait(set(self._lanes))

    async def _resume(self, conversation_id: int) -> Work | None:
        lease = self.parts.lease()
        return await self.parts.database.write(lambda unit: inbox.resume(unit, conversation_id, lease))

    def _start(self, work: Work) -> None:
        lane = asyncio.create_task(self._lane(work))
        self._lanes.add(lane)
        lane.add_done_callback(self._ended)

    def _ended(self, lane: "asyncio.Task[None]") -> None:
        self._lanes.discard(lane)
        error = None if lane.cancelled() else lane.exception()
        if error:
            log.error("a lane broke, the sweep takes its conversation up: %s", places(error))

    async def _lane(self, first: Work) -> None:
        """Handle the rows of one conversation until there are no more."""
        work: Work | None = first
        while work:
            concluded = await self._trying.handled(work)
            await self._tell(work.inbox_id, concluded.said)
            work = concluded.next

    async def _tell(self, inbox_id: int, said: Said | None) -> None:
        """Hand a reply to the request that waits for it; where it has gone, the pump sends it."""
        waiter = self._waiters.of(inbox_id)
        if waiter:
            waiter.end(said)
        elif said and said.delivery_ids:
            await self._leave_to_pump(said.delivery_ids)

    async def _leave_to_pump(self, ids: Sequence[int]) -> None:
        """Again while the database is busy: nobody else knows that these never went out."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.parts.busy_seconds
        now = self.parts.clock.now()
        while True:
            try:
                await self.parts.database.write(lambda unit: repump(unit, ids, now))
                return
            except DatabaseBusy as error:
                log.warning("%d late replies are not with the pump yet: %s", len(ids), error)
            if loop.time() >= until:
                return  # they show as doubtful
            await asyncio.sleep(self.parts.pauses[-1])

    async def _said_before(self, stored: Stored) -> Said | None:
        """What the first answer held; a reply that was too late for it is the pump's."""
        if stored.route != Route.PASSIVE:
            return None
        lines = await self.parts.database.read(lambda unit: transcripts.said_inside(unit, stored.inbox_id))
        late = sum(line.inbox_id != stored.inbox_id for line in lines)
        return Said(tuple(line.delivery_id for line in lines), tuple(line.text for line in lines), late)

    async def _settled_for_pump(self, inbox_id: int) -> bool:
        """Whether that could be done at once: the platform's patience has no time for a row that is held."""
        settling = asyncio.create_task(
            self.parts.database.write(lambda unit: inbox.settle_route(unit, inbox_id, Route.PUMP), SETTLE_SECONDS)
        )
        settling.add_done_callback(_heard)
        done, _ = await asyncio.wait({settling}, timeout=SETTLE_SECONDS)
        if not done or settling.exception():
            log.warning("inbox %d: the route is not settled, the turn is about to end", inbox_id)
            return False
        return settling.result()


def _stored_late(storing: "asyncio.Task[list[Stored]]") -> None:
    """Nobody waits any more; a failure is the platform's to mend."""
    error = None if storing.cancelled() else storing.exception()
    if error:
        log.warning("a late store failed: %s", places(error))


def _heard(settling: "asyncio.Task[bool]") -> None:
    """A failure is no news once nobody waits: the turn that holds the row settles the route."""
    if not settling.cancelled():
        settling.exception()
