"""The event stream of one page: what was said since, in other tabs too, and that a person is typing."""

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
from storage.repositories.transcripts import HeardLine, Line, SaidLine
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


@dataclass
class Sent:
    """What a stream has sent: deliveries by number, the visitor's own lines by the id their page gave them."""

    last: int
    keys: set[int | str] = field(default_factory=set)

    def fresh(self, lines: list[Line]) -> list[Line]:
        """Those that it has not sent; from now on it has."""
        found = [line for line in lines if _key(line) not in self.keys]
        self.keys.update(_key(line) for line in found)
        said = [line.delivery_id for line in found if isinstance(line, SaidLine)]
        self.last = said[-1] if said else self.last
        return found


@dataclass(frozen=True)
class Streams:
    """The streams of this process."""

    database: Database
    live: Live
    _open: Counter[str] = field(default_factory=Counter)

    def answer(self, place: Place, draw: Callable[[Line], str]) -> Response:
        """The stream, or 429 where one visitor's pages are too many; `draw` makes a line's HTML."""
        if self._open[place.visitor] >= MOST_STREAMS:
            return Response(status_code=429)
        return EventSourceResponse(self._counted(place, draw), ping=PING_SECONDS)

    async def _counted(self, place: Place, draw: Callable[[Line], str]) -> AsyncIterator[ServerSentEvent]:
        typing = f"{STAFF_TYPING}:{place.conversation_id}"
        hints = self.live.subscribe(f"conversation:{place.conversation_id}", f"visitor:{place.visitor}", typing)
        self._open[place.visitor] += 1
        try:
            yield ServerSentEvent(comment="open")
            sent = Sent(place.last, {place.last})
            topic: str | None = ""
            while topic is not None:
                if topic == typing:
                    yield ServerSentEvent(event="typing", data="1")
                else:
                    for line in await self._unsent(place, sent):
                        yield _event(line, draw(line))
                topic = await hints.next()
        except DatabaseBusy as error:
            log.warning("webchat: stream ended, the page comes back: %s", error)
        finally:
            self.live.leave(hints)
            self._open[place.visitor] -= 1
            if not self._open[place.visitor]:
                del self._open[place.visitor]

    async def _unsent(self, place: Place, sent: Sent) -> list[Line]:
        """What was heard and said since the last line of `sent`; it is noted there."""
        last = sent.last
        return sent.fresh(await self.database.read(lambda unit: transcripts.since(unit, place.conversation_id, last)))


def _key(line: Line) -> int | str:
    return line.platform_id if isinstance(line, HeardLine) else line.delivery_id


def _event(line: Line, html: str) -> ServerSentEvent:
    """Only deliveries have a number from which a page goes on; of its own line a page knows the id in the HTML."""
    return ServerSentEvent(data=html, id=str(line.delivery_id) if isinstance(line, SaidLine) else None)


def last_seen(headers: Headers) -> int:
    """The line after which a page wants to hear; 0 where it has none."""
    return forms.number(headers.get("last-event-id", ""))
