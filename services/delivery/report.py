"""What became of a broadcast: counts in one query, and every recipient for the download."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.vocabulary import DeliveryState
from storage.repositories import deliveries
from storage.repositories.deliveries import Count, Line
from storage.unit import Unit

PAGE = 1000
ON_THE_WAY = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.AWAITING_STAFF)


@dataclass(frozen=True, slots=True)
class Report:
    """Counts per state, channel and rule; together they are the whole audience."""

    counts: tuple[Count, ...]

    @property
    def total(self) -> int:
        """All recipients."""
        return sum(count.number for count in self.counts)

    @property
    def states(self) -> Counter[DeliveryState]:
        """Recipients per state."""
        states: Counter[DeliveryState] = Counter()
        for count in self.counts:
            states[count.state] += count.number
        return states

    @property
    def held(self) -> Counter[str]:
        """Recipients that a rule lets wait, such as the quiet hours, by rule."""
        held: Counter[str] = Counter()
        for count in self.counts:
            if count.rule and count.state is DeliveryState.PENDING:
                held[count.rule] += count.number
        return held

    @property
    def done(self) -> bool:
        """Whether nothing is on its way any more, nor with staff, from whom it can still be taken back."""
        return not any(self.states[state] for state in ON_THE_WAY)


def report(unit: Unit, broadcast_id: int) -> Report:
    """How a broadcast stands."""
    return Report(tuple(deliveries.counts(unit, broadcast_id)))


def recipients(unit: Unit, broadcast_id: int) -> Iterator[Line]:
    """Every recipient, read a page at a time."""
    after = 0
    while page := deliveries.lines(unit, broadcast_id, after, PAGE):
        yield from page
        after = page[-1].delivery_id
