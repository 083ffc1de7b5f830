"""The event stream of one page: what was said since, what is being said, and that a person is typing."""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.datastructures import Headers
from starlette.responses import Response

from bot.errors import DatabaseBusy
from bot.live import STAFF_TYPING, Live
from bot.webchat import forms
from storage.repositories import transcripts
from storage.repositories.transcripts import SaidLine
from storage.unit import Database

log = logging.getLogger(__name__)

PING_SECONDS = 15
"""Pages that hear nothing for twice as long begin anew."""
MOST_STREAMS = 8
"""Pages of one visitor that hear news at the same time, in each process."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which conversation a page shows, whose it is, and the last line (a delivery's number) it has."""

    visitor: str
    conversation_id: int
    last: int


@dataclass(frozen=True)
class Streams:
    """The streams of this process."""

    database: Database
    live: Live
    _open: Counter[str] = field(default_factory=Counter)

    def answer(self, place: Place, draw: Callable[[SaidLine], str]) -> Response:
        """The stream, or 429 where one visitor's pages are too many; `draw` makes a line's HTML."""
        if self._open[place.visitor] >= MOST_STREAMS:
            return Response(status_code=429)
        return EventSourceResponse(self._counted(place, draw), ping=PING_SECONDS)

    async def _counted(self, place: Place, draw: Callable[[SaidLine], str]) -> AsyncIterator[ServerSentEvent]:
        typing = f"{STAFF_TYPING}:{place.conversation_id}"
        hints = self.live.subscribe(f"conversation:{place.conversation_id}", f"visitor:{place.visitor}", typing)
        self._open[place.visitor] += 1
        try:
            yield ServerSentEvent(comment="open")
            sent: dict[int, None] = {place.last: None}
            topic: str | None = ""
            while topic is not None:
                if topic == typing:
                    yield ServerSentEvent(event="typing", data="1")
                else:
                    for line in await self._unsent(place, sent):
                        yield ServerSentEvent(data=draw(line), id=str(line.delivery_id))
                topic = await hints.next()
        except DatabaseBusy as error:
            log.warning("webchat: stream ended, the page comes back: %s", error)
        finally:
            self.live.leave(hints)
            self._open[place.visitor] -= 1
            if not self._open[place.visitor]:
                del self._open[place.visitor]

    async def _unsent(self, place: Place, sent: dict[int, None]) -> list[SaidLine]:
        """What was said since the last line of `sent`, which keeps the order; it is noted there."""
        last = next(reversed(sent))
        lines = await self.database.read(lambda unit: transcripts.said_since(unit, place.conversation_id, last))
        fresh = [line for line in lines if line.delivery_id not in sent]
        sent.update((line.delivery_id, None) for line in fresh)
        return fresh


def last_seen(headers: Headers) -> int:
    """The line after which a page wants to hear; 0 where it has none."""
    return forms.number(headers.get("last-event-id", ""))
