"""Tries the turn of a row until it is over, or has failed for good."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.dispatcher.conclusion import Concluded, Conclusion, LeaseLost
from bot.dispatcher.parts import Parts
from bot.dispatcher.turns import Finder, Plan, prepare
from bot.dispatcher.waiting import Waiters
from bot.errors import DatabaseBusy, Refused, places
from bot.messages import Reply
from bot.routing import Outcome, Turn
from bot.vocabulary import ChannelKind, Owner
from services.delivery.submission import Route
from storage.batch import Batch
from storage.repositories import conversations, inbox
from storage.repositories.conversations import Hold
from storage.repositories.inbox import InboxState, Work
from storage.unit import Unit

log = logging.getLogger(__name__)

DIRECT = frozenset({ChannelKind.WEBCHAT})
"""Channels where a stored reply has arrived."""


@dataclass
class Trying:
    """Turns of this process; those that end at the same time share a transaction."""

    parts: Parts
    waiters: Waiters

    def __post_init__(self) -> None:
        self._conclusion = Conclusion(self.parts.submit, self.parts.client_wrote)
        self._ending = Batch[Plan, Concluded](self.parts.database, self._end)

    async def handled(self, work: Work) -> Concluded:
        """The row's turn, again while the database is busy; in the end the row stays for the sweep."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.parts.busy_seconds
        while True:
            try:
                return await self._tried(work)
            except LeaseLost:
                log.warning("inbox %d: its turn went to somebody else", work.inbox_id)
                return Concluded(None, None)
            except DatabaseBusy as error:
                log.warning("inbox %d: put off: %s", work.inbox_id, error)
            if loop.time() >= until:
                return Concluded(None, None)
            await asyncio.sleep(self.parts.pauses[-1])

    async def _tried(self, work: Work) -> Concluded:
        while True:
            try:
                turn = await self._turn(work, self.parts.find)
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

    async def _turn(self, work: Work, find: Finder | None) -> Turn:
        return await prepare(work, find, self.parts.clock.now(), self.parts.services.rules.option_span)

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
        return Route.PASSIVE if self.waiters.of(work.inbox_id) else Route.PUMP

    async def _count(self, work: Work) -> int:
        """Note the failed try and keep the lease for the next; LeaseLost where somebody else has it by now."""
        lease, conversation_id = self.parts.lease(), work.conversation.id

        def failed(unit: Unit) -> int:
            leased = conversations.locked(unit, [conversation_id]).get(conversation_id)
            if leased is None or leased.hold.holder != lease.holder:
                raise LeaseLost(f"conversation {conversation_id}")
            conversations.lease(unit, conversation_id, Hold(lease.holder, lease.until))
            return inbox.failed_try(unit, work.inbox_id)

        return await self.parts.database.write(failed)

    async def _give_up(self, work: Work) -> Concluded:
        """Say that we are busy and mark the row failed; if even that breaks, only the mark."""
        turn = await self._turn(work, None)
        log.error("inbox %d: given up", work.inbox_id)
        try:
            return await self._write(work, turn, (self.parts.busy,), InboxState.FAILED)
        except (LeaseLost, DatabaseBusy):
            raise
        except Exception as error:  # the row must be closed, or it would hold up the conversation for ever
            log.error("inbox %d: nothing could be said: %s", work.inbox_id, places(error))
            return await self._write(work, turn, (), InboxState.FAILED)

    def _end(self, unit: Unit, plans: Sequence[Plan]) -> list[Concluded]:
        return self._conclusion.write(unit, plans, self.parts.lease())
