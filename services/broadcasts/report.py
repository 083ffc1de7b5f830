"""What became of a broadcast."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.vocabulary import DeliveryState
from services import masking
from storage.repositories import audiences, deliveries
from storage.repositories.broadcasts import Broadcast
from storage.repositories.deliveries import Count, Line
from storage.unit import Unit

OPEN = frozenset({DeliveryState.PENDING, DeliveryState.SENDING})
"""States of rows that the server still works on."""

REFUSED = frozenset({DeliveryState.FAILED, DeliveryState.UNCERTAIN})
"""States that say that a platform did not take it, or may not have."""

TRIED = REFUSED | {DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.AWAITING_STAFF}
"""States of rows that were handed to a platform."""

PAGE = 1000
COLUMNS = ("number", "name", "channel", "state", "rule", "attempts", "sent_at", "error")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Report:
    """A broadcast in figures; the counts add up to the frozen audience."""

    broadcast: Broadcast
    counts: tuple[Count, ...]

    def number(self, states: frozenset[DeliveryState]) -> int:
        """How many rows are in one of these states."""
        return sum(count.number for count in self.counts if count.state in states)

    @property
    def finished(self) -> bool:
        """Whether nothing of it is left for the server to do."""
        return self.number(OPEN) == 0


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of the download, as COLUMNS says, and the delivery to go on after; names are masked."""

    rows: tuple[Sequence[str], ...]
    last: int


def of(unit: Unit, broadcast: Broadcast) -> Report:
    """The figures, in one query."""
    return Report(broadcast, tuple(deliveries.counts(unit, broadcast.id)))


def page(unit: Unit, broadcast_id: int, after: int = 0) -> Page | None:
    """The recipients after a delivery's id; None after the last."""
    lines = deliveries.lines(unit, broadcast_id, after, PAGE)
    return Page(tuple(_rows(unit, lines)), lines[-1].delivery_id) if lines else None


def doubtful(unit: Unit, broadcast_id: int) -> list[Line]:
    """Recipients who may or may not have got it, the first thousand: staff decide what becomes of them."""
    return deliveries.lines(unit, broadcast_id, 0, PAGE, {DeliveryState.UNCERTAIN})


def _rows(unit: Unit, lines: Sequence[Line]) -> Iterator[list[str]]:
    names = audiences.names(unit, {line.client_number for line in lines if line.client_number})
    for line in lines:
        shown = masking.name(names.get(line.client_number or "", ""))
        facts = (line.channel, line.state, line.rule, line.attempts, line.sent_at, line.error)
        yield [_cell(value) for value in (line.client_number, shown, *facts)]


def as_csv(lines: Sequence[Sequence[str]]) -> str:
    """Rows as CSV text."""
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue()


def _cell(value: object) -> str:
    """A value that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
