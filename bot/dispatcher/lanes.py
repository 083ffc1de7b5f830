"""The dispatcher: takes what comes in, works on conversations under their leases, lets requests wait for replies."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.clock import Clock
from bot.dispatcher.conclusion import ClientWrote, Concluded, Conclusion, LeaseLost, Submit
from bot.dispatcher.turns import Finder, Plan, prepare
from bot.dispatcher.typing import Typing, unseen
from bot.dispatcher.waiting import Waiters
from bot.errors import DatabaseBusy, Refused, places
from bot.messages import Inbound, Reply
from bot.routing import Outcome, Router, Said, Turn
from bot.vocabulary import ChannelKind, Owner
from services import Services
from services.delivery.submission import Route
from services.delivery.submit import repump
from storage.batch import Batch
from storage.repositories import arrivals, conversations, inbox, transcripts
from storage.repositories.arrivals import Arrival
from storage.repositories.conversations import Hold
from storage.repositories.inbox import InboxState, Lease, Stored, Work
from storage.unit import Database, Unit

log = logging.getLogger(__name__)

SETTLE_SECONDS = 0.3
"""How long it may take to settle, after its time is up, that a reply goes by the pump; and to see it end just then."""

HOPS = 8
"""Rounds of the event loop from a stored row to its request waiting for the reply; some more than there are."""

DIRECT = frozenset({ChannelKind.WEBCHAT})
"""Channels where a stored reply has arrived."""


@dataclass(frozen=True)
class Parts:
    """What the dispatcher is made of. `holder` names this process in leases; `busy` is said when a turn keeps failing.

    `pauses`: seconds before a failed turn is tried again; one try more than there are pauses. `think_seconds` is
    the most a handler may take, and less than `lease_span`, so that turns of one conversation never overlap.
    `busy_seconds`: how long a busy database is tried again; it ends so early that no try outlasts the lease.
    """

    database: Database
    router: Router
    services: Services
    submit: Submit
    find: Finder
    client_wrote: ClientWrote
    clock: Clock
    holder: str
    busy: Reply
    typing: Typing = field(default_factory=lambda: Typing(unseen))
    pauses: tuple[float, ...] = (0.1, 0.5)
    think_seconds: float = 20.0
    busy_seconds: float = 12.0
    lease_span: timedelta = timedelta(seconds=30)
    sweep_seconds: float = 2.0


@dataclass
class Dispatcher:
    """The one place where turns happen."""

    parts: Parts
    _waiters: Waiters = field(default_factory=Waiters)
    _lanes: set["asyncio.Task[None]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        database, conclusion = self.parts.database, Conclusion(self.parts.submit, self.parts.client_wrote)
        self._arriving = Batch[Sequence[Arrival], list[Stored]](database, self._accept)
        self._ending = Batch[Plan, Concluded](
            database, lambda unit, plans: conclusion.write(unit, plans, self._lease())
        )

    async def take(
        self, items: Sequence[Inbound], replay_key: str | None = None, patience: float = 2.0
    ) -> list[Stored]:
        """Store arrivals and begin their turns; DatabaseBusy when that takes longer than `patience` seconds.

        What is stored later than that is handled all the same, and found when the platform tries again. The turns
        begin after the caller's next wait, so that it can say first that it waits for a reply.
        """
        arrived = [Arrival(item, None if place else replay_key) for place, item in enumerate(items)]
        storing = asyncio.create_task(self._arriving.write(arrived))
        done, _ = await asyncio.wait({storing}, timeout=patience)
        if not done:
            storing.add_done_callback(self._stored_late)
            raise DatabaseBusy("no answer from the database in time")
        return self._begun(storing.result())

    def _accept(self, unit: Unit, requests: Sequence[Sequence[Arrival]]) -> list[list[Stored]]:
        """What several requests brought, in one go."""
        every = [arrival for request in requests for arrival in request]
        stored = iter(arrivals.accept(unit, every, self._lease()))
        return [[next(stored) for _ in request] for request in requests]

    def _stored_late(self, storing: "asyncio.Task[list[Stored]]") -> None:
        error = storing.exception()
        if error:
            log.warning("a late store failed: %s", places(error))
        else:
            self._begun(storing.result())

    def _begun(self, stored: list[Stored]) -> list[Stored]:
        for one in stored:
            if one.work:
                self._start(one.work)
        return stored

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

    def _lease(self) -> Lease:
        now = self.parts.clock.now()
        return Lease(self.parts.holder, now, now + self.parts.lease_span)

    async def _resume(self, conversation_id: int) -> Work | None:
        lease = self._lease()
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
            concluded = await self._handled(work)
            await self._tell(work.inbox_id, concluded.said)
            work = concluded.next
            if work:
                await _joined()

    async def _tell(self, inbox_id: int, said: Said | None) -> None:
        """Hand a reply to the request that waits for it; where it has gone, the pump sends it."""
        waiter = self._waiters.of(inbox_id)
        if waiter:
            waiter.end(said)
        elif said and said.delivery_ids:
            ids, now = said.delivery_ids, self.parts.clock.now()
            await self.parts.database.write(lambda unit: repump(unit, ids, now))

    async def _handled(self, work: Work) -> Concluded:
        """The row's turn, again while the database is busy; in the end the row stays for the sweep."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.parts.busy_seconds
        while True:
            try:
                return await self._tried(work)
            except LeaseLost:
                log.warning("inbox %d: the conversation went to another process", work.inbox_id)
                return Concluded(None, None)
            except DatabaseBusy as error:
                log.warning("inbox %d: put off: %s", work.inbox_id, error)
            if loop.time() >= until:
                return Concluded(None, None)
            await asyncio.sleep(self.parts.pauses[-1])

    async def _tried(self, work: Work) -> Concluded:
        while True:
            try:
                turn = self._turn(work, self.parts.find)
                return await self._write(work, turn, await self._outcome(turn))
            except (LeaseLost, DatabaseBusy):
                raise
            except Exception as error:  # whatever breaks one turn must not stop the conversation
                tries = await self._count(work)
                log.error("inbox %d: try %d failed: %s", work.inbox_id, tries, places(error))
            if tries > len(self.parts.pauses):
                return await self._give_up(work)
            await asyncio.sleep(self.parts.pauses[tries - 1])

    async def _outcome(self, turn: Turn) -> Outcome | None:
        """What the handler makes of the turn; nothing is open meanwhile."""
        if turn.conversation.owner is Owner.STAFF:
            return None
        handler = self.parts.router.pick(turn)
        try:
            with self.parts.typing.shown(turn.conversation.addressee):
                async with asyncio.timeout(self.parts.think_seconds):
                    return await handler(turn, self.parts.services)
        except Refused as refusal:
            return (Reply(refusal.key, refusal.parameters),)

    def _turn(self, work: Work, find: Finder | None) -> Turn:
        return prepare(work, find, self.parts.clock.now(), self.parts.services.rules.option_span)

    async def _write(
        self, work: Work, turn: Turn, outcome: Outcome | None, state: InboxState = InboxState.HANDLED
    ) -> Concluded:
        plan = Plan(work, turn, outcome, self._route(work), state)
        try:
            return await self._ending.write(plan)
        except Refused as refusal:
            return await self._ending.write(replace(plan, outcome=(Reply(refusal.key, refusal.parameters),)))

    def _route(self, work: Work) -> Route:
        if work.conversation.addressee.channel in DIRECT:
            return Route.DIRECT
        return Route.PASSIVE if self._waiters.of(work.inbox_id) else Route.PUMP

    async def _count(self, work: Work) -> int:
        """Note the failed try and keep the lease for the next."""
        lease = self._lease()

        def failed(unit: Unit) -> int:
            conversations.lease(unit, work.conversation.id, Hold(lease.holder, lease.until))
            return inbox.failed_try(unit, work.inbox_id)

        return await self.parts.database.write(failed)

    async def _give_up(self, work: Work) -> Concluded:
        """Say that we are busy and mark the row failed; if even that breaks, only the mark."""
        turn = self._turn(work, None)
        log.error("inbox %d: given up", work.inbox_id)
        try:
            return await self._write(work, turn, (self.parts.busy,), InboxState.FAILED)
        except (LeaseLost, DatabaseBusy):
            raise
        except Exception as error:  # the row must be closed, or it would hold up the conversation for ever
            log.error("inbox %d: nothing could be said: %s", work.inbox_id, places(error))
            return await self._write(work, turn, (), InboxState.FAILED)

    async def _said_before(self, stored: Stored) -> Said | None:
        if stored.route != Route.PASSIVE:
            return None
        lines = await self.parts.database.read(lambda unit: transcripts.said_to(unit, stored.inbox_id))
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


async def _joined() -> None:
    """Let the request that has just brought the next row say that it waits for the reply."""
    for _ in range(HOPS):
        await asyncio.sleep(0)


def _heard(settling: "asyncio.Task[bool]") -> None:
    """A failure is no news once nobody waits: the turn that holds the row settles the route."""
    if not settling.cancelled():
        settling.exception()
