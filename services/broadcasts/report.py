"""What became of a broadcast, for those who answer for it."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from bot.vocabulary import DeliveryState
from services import masking
from services.delivery import report as deliveries
from services.spreadsheet import cell
from storage.repositories import audiences, tries
from storage.repositories.broadcasts import Broadcast
from storage.repositories.deliveries import Line
from storage.unit import Unit

REFUSED = frozenset({DeliveryState.FAILED, DeliveryState.UNCERTAIN})
"""States that say that a platform did not take it, or may not have."""

TRIED = REFUSED | {DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.AWAITING_STAFF}
"""States of rows that were handed to a platform."""

OPEN = frozenset({DeliveryState.PENDING, DeliveryState.SENDING})
"""States of rows that the server still works on."""

PAGE = 500
COLUMNS = ("number", "name", "channel", "tried", "state", "rule", "attempts", "sent_at", "error")


@dataclass(frozen=True, slots=True)
class Report:
    """A broadcast in figures; the counts add up to the frozen audience."""

    broadcast: Broadcast
    figures: deliveries.Report

    def number(self, states: Collection[DeliveryState]) -> int:
        """How many rows are in one of these states."""
        return sum(self.figures.states[state] for state in states)


def of(unit: Unit, broadcast: Broadcast) -> Report:
    """The figures, in one query."""
    return Report(broadcast, deliveries.report(unit, broadcast.id))


def doubtful(unit: Unit, broadcast_id: int) -> list[Line]:
    """Recipients who may or may not have got it: staff decide what becomes of them."""
    return [line for line in deliveries.recipients(unit, broadcast_id) if line.state is DeliveryState.UNCERTAIN]


def download(unit: Unit, broadcast_id: int, file: TextIO) -> None:
    """Write every recipient as CSV: client number, masked name, what became of it, and the channels tried before."""
    out = csv.writer(file)
    out.writerow(COLUMNS)
    lines = deliveries.recipients(unit, broadcast_id)
    while page := list(islice(lines, PAGE)):
        out.writerows(_rows(unit, page))


def _rows(unit: Unit, lines: Collection[Line]) -> Iterator[list[str]]:
    names = audiences.names(unit, {line.client_number for line in lines if line.client_number})
    tried = tries.channels(unit, [line.delivery_id for line in lines])
    for line in lines:
        shown = masking.name(names.get(line.client_number or "", ""))
        before = " ".join(f"{channel}:{rule}" for channel, rule in tried.get(line.delivery_id, ()))
        facts = (line.channel, before, line.state, line.rule, line.attempts, line.sent_at, line.error)
        yield [cell(value) for value in (line.client_number, shown, *facts)]
