"""What became of clients' questions, as figures: by day, by channel and by entry."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import TypeVar

from bot.vocabulary import OFFERED, AnswerKind
from services.calendar.branch import DAY
from services.calendar.hours import at
from storage.repositories import answer_sums, votes
from storage.repositories.answer_sums import Span
from storage.repositories.votes import Ballot, Tally
from storage.unit import Unit

SMALL = 20
"""Below so many questions a share says nothing: the numbers themselves are told."""

TOP = 15
"""Entries that are listed."""

Key = TypeVar("Key", date, str)
Numbers = Mapping[AnswerKind, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """Replies by kind. A candidate that was picked belongs to a question that is counted already."""

    numbers: Numbers = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Questions."""
        return sum(number for kind, number in self.numbers.items() if kind is not AnswerKind.PICKED)

    @property
    def offered(self) -> int:
        """Questions for which candidates were offered, or that were asked back."""
        return sum(self.numbers.get(kind, 0) for kind in OFFERED)

    def of(self, kind: AnswerKind) -> int:
        """Replies of one kind."""
        return self.numbers.get(kind, 0)

    @property
    def series(self) -> tuple[int, int, int, int]:
        """Answered, offered, refused and unknown, as charts show them."""
        return self.of(AnswerKind.ANSWERED), self.offered, self.of(AnswerKind.REFUSED), self.of(AnswerKind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class EntryFigures:
    """How often an entry was given and came first among candidates, and how it was voted on."""

    entry_id: str
    given: int
    offered: int
    votes: Tally


@dataclass(frozen=True, slots=True)
class Figures:
    """A span of days beside the span before it. `days` has every day, also those without a question."""

    days: Mapping[date, Counted]
    channels: Mapping[str, Counted]
    entries: Sequence[EntryFigures]
    all: Counted
    earlier: Counted
    votes: Tally
    as_of: datetime


def figures(unit: Unit, span: Span, now: datetime) -> Figures:
    """The figures of a span; the channels are told beside one another whichever the span is of."""
    before = replace(span, first=span.first - (span.last - span.first + DAY), last=span.first - DAY)
    days = _grouped(answer_sums.by_day(unit, span))
    voted = votes.by_entry(unit, ballot(span))
    return Figures(
        days={on: days.get(on, Counted()) for on in _days(span)},
        channels=_grouped(answer_sums.by_channel(unit, replace(span, channel=None))),
        entries=_entries(_grouped(answer_sums.by_entry(unit, span)), voted),
        all=_sum(days.values()),
        earlier=_sum(_grouped(answer_sums.by_day(unit, before)).values()),
        votes=Tally(sum(one.helpful for one in voted.values()), sum(one.useless for one in voted.values())),
        as_of=answer_sums.as_of(unit, now),
    )


def ballot(span: Span) -> Ballot:
    """The votes of a span."""
    return Ballot(at(span.first, time(0)), at(span.last + DAY, time(0)), span.channel)


def _days(span: Span) -> Iterator[date]:
    on = span.first
    while on <= span.last:
        yield on
        on += DAY


def _grouped(found: Mapping[tuple[Key, AnswerKind], int]) -> dict[Key, Counted]:
    """By day, channel or entry, in their order."""
    grouped: dict[Key, dict[AnswerKind, int]] = {}
    for (key, kind), number in sorted(found.items()):
        grouped.setdefault(key, {})[kind] = number
    return {key: Counted(numbers) for key, numbers in grouped.items()}


def _sum(every: Iterable[Counted]) -> Counted:
    total: Counter[AnswerKind] = Counter()
    for one in every:
        total.update(one.numbers)
    return Counted(total)


def _entries(counted: Mapping[str, Counted], voted: Mapping[str, Tally]) -> list[EntryFigures]:
    """The entries that were given most often, and those that were voted on."""
    every = [
        EntryFigures(
            entry_id,
            given=one.of(AnswerKind.ANSWERED) + one.of(AnswerKind.PICKED),
            offered=one.offered,
            votes=voted.get(entry_id, Tally()),
        )
        for entry_id, one in ({name: Counted() for name in voted} | dict(counted)).items()
    ]
    return sorted(every, key=lambda one: (-one.given, -one.offered, one.entry_id))[:TOP]
