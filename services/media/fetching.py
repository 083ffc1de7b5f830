"""Fetches what clients sent from their platforms, outside every request and turn.

The rows are the record: a hint only spares the next look's wait. What cannot be had now is asked for again, at growing
distances, until the platforms keep it no longer.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.base import MediaSource
from bot.errors import (
    ContentRefused,
    MediaRefused,
    QuotaUsed,
    RecipientGone,
    SendError,
    StoreUnavailable,
    Throttled,
    places,
)
from bot.texts import Texts
from bot.vocabulary import ChannelKind, MediaRefusal, Owner, Purpose
from services.delivery.submission import Submission, Submit, ToConversation
from services.media.library import Library
from services.rounds import go_round
from storage.repositories import conversations, intakes
from storage.repositories import media as rows
from storage.repositories.media import Found, Wanted
from storage.unit import Unit

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Files fetched at the same time by one process; each is held in memory whole."""

PATIENCE = 120.0
"""Seconds that one file may take."""

HELD = timedelta(minutes=3)
"""How long a file being fetched is left to its process; after that another one takes it for dead."""

LIFE = timedelta(days=3)
"""How long platforms keep what was sent; after that asking is in vain."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)

Sources = Mapping[tuple[ChannelKind, str], MediaSource]


@dataclass
class Fetcher:
    """Works in every process that sends."""

    library: Library
    sources: Sources
    submit: Submit
    texts: Texts
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """There is something to fetch."""
        self._woken.set()

    async def run(self) -> None:
        """Fetch what is due, for ever."""
        await go_round("media", self.work, self._woken)

    async def work(self) -> int:
        """Fetch a handful of what is due; how many were tried."""
        now = self.library.clock.now()
        if not await self.library.database.read(lambda unit: rows.is_due(unit, now)):
            return 0
        claimed = await self.library.database.write(lambda unit: rows.claim(unit, now, now + HELD, AT_ONCE))
        ended = await asyncio.gather(*(self._one(wanted) for wanted in claimed), return_exceptions=True)
        for wanted, error in zip(claimed, ended, strict=True):
            if isinstance(error, Exception):  # one odd file must not stop the others; it is taken up again
                log.error("media %d: %s", wanted.id, places(error))
        return len(claimed)

    async def _one(self, wanted: Wanted) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._fetched(wanted)
        except MediaRefused as refused:
            await self._refuse(wanted, refused.reason)
        except (ContentRefused, RecipientGone) as error:
            log.warning("media %d: the platform does not give it (%s)", wanted.id, error.code)
            await self._refuse(wanted, MediaRefusal.UNREACHED)
        except (SendError, StoreUnavailable, TimeoutError) as error:
            await self._put_off(wanted, error)
        else:
            await self._write(wanted, lambda unit, now: rows.keep(unit, wanted.id, found, now))

    async def _fetched(self, wanted: Wanted) -> Found:
        """Into the store."""
        source = self.sources.get((wanted.chat.channel, wanted.chat.account))
        if source is None:
            raise MediaRefused(MediaRefusal.UNREACHED)
        content = await source.fetch(wanted.handle, self.library.terms.largest)
        found = await self.library.judged(wanted.key, content)
        await self.library.put(found, content)
        return found

    async def _put_off(self, wanted: Wanted, error: Exception) -> None:
        next_at = _again(wanted, error, self.library.clock.now())
        if next_at > wanted.wanted_at + LIFE:
            await self._refuse(wanted, MediaRefusal.UNREACHED)
            return
        log.warning("media %d: try %d failed (%s)", wanted.id, wanted.tries, type(error).__name__)
        await self.library.database.write(lambda unit: rows.put_off(unit, wanted.id, next_at))

    async def _refuse(self, wanted: Wanted, reason: MediaRefusal) -> None:
        log.info("media %d: not kept (%s)", wanted.id, reason)

        def refuse(unit: Unit, now: datetime) -> None:
            if rows.refuse(unit, wanted.id, reason, now):
                self._tell(unit, wanted, reason)

        await self._write(wanted, refuse)

    def _tell(self, unit: Unit, wanted: Wanted, reason: MediaRefusal) -> None:
        """Say so where somebody counts on it: while a complaint is told, on a ticket, with a person."""
        conversation = conversations.by_id(unit, wanted.conversation_id)
        if conversation is None:
            return
        told = conversation.owner is not Owner.BOT or rows.tickets_with(unit, wanted.inbox_id)
        if told or intakes.open_in(unit, conversation.id):
            why = self.texts.label(f"media_refusal_{reason}", conversation.locale)
            message = Submission(
                key=f"media:{wanted.id}:refused",
                purpose=Purpose.TICKET_UPDATE,
                to=ToConversation(conversation.id),
                text_key="media_refused",
                parameters={"reason": why},
                locale=conversation.locale,
            )
            self.submit(unit, message)

    async def _write(self, wanted: Wanted, settle: Callable[[Unit, datetime], object]) -> None:
        now = self.library.clock.now()

        def write(unit: Unit) -> None:
            settle(unit, now)
            unit.announce("conversation", wanted.conversation_id)

        await self.library.database.write(write)


def _again(wanted: Wanted, error: Exception, now: datetime) -> datetime:
    """When to ask again: as the platform says, else later each time."""
    if isinstance(error, Throttled):
        return now + timedelta(seconds=error.retry_after)
    if isinstance(error, QuotaUsed):
        return error.until
    return now + min(FIRST_PAUSE * (1 << min(wanted.tries - 1, 10)), LONGEST_PAUSE)
