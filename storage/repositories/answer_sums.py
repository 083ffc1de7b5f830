"""What became of questions, summed up by day, channel, kind and entry, a stretch of deliveries at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, select, update

from bot.clock import branch_date
from bot.vocabulary import AnswerKind
from storage.models import AnswerSumRow, DeliveryRow, TallyRow
from storage.unit import Unit
from storage.upserts import insertion

NAME = "answers"
LENGTH = 20_000
"""Deliveries in one stretch."""


class Place(NamedTuple):
    """What is counted together."""

    asked_on: date
    channel: str
    kind: AnswerKind
    entry_id: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Deliveries after `first` up to `last`, and the replies to questions among them."""

    first: int
    last: int
    numbers: Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included; `channel` None: all."""

    first: date
    last: date
    channel: str | None = None


def following(unit: Unit, settled: datetime) -> Stretch | None:
    """What is to be counted next; None when everything said before `settled` has been.

    Transactions that ran side by side may show their rows out of order, so that the latest have to wait.
    """
    row = DeliveryRow
    first = unit.session.scalar(select(TallyRow.last_id).where(TallyRow.name == NAME)) or 0
    newest = unit.session.scalar(select(func.max(row.id))) or 0
    last = min(newest, first + LENGTH)
    within = (row.id > first, row.id <= last)
    fresh = unit.session.scalar(select(func.min(row.id)).where(*within, row.created_at > settled))
    last = last if fresh is None else fresh - 1
    if last <= first:
        return None
    chosen = select(row.created_at, row.channel, row.answer_kind, row.entry_id)
    chosen = chosen.where(row.id > first, row.id <= last, row.answer_kind.is_not(None))
    return Stretch(first, last, Counter(map(_place, unit.session.execute(chosen))))


def _place(row: Row[*tuple[Any, ...]]) -> Place:
    at, channel, kind, entry_id = row
    return Place(branch_date(at), channel or "", kind, entry_id or "")


def add(unit: Unit, stretch: Stretch, at: datetime) -> bool:
    """Add a stretch to the sums as they stood at `at`; False where it was added meanwhile."""
    sums, tally = AnswerSumRow, TallyRow
    begin = insertion(unit, tally).values(name=NAME, last_id=0, at=at).on_conflict_do_nothing()
    unit.session.execute(begin)
    further = update(tally).where(tally.name == NAME, tally.last_id == stretch.first)
    moved = unit.session.execute(further.values(last_id=stretch.last, at=at).returning(tally.last_id))
    if moved.one_or_none() is None:
        return False
    if stretch.numbers:
        insert = insertion(unit, sums)
        grown = {"number": sums.number + insert.excluded.number}
        keys = ["asked_on", "channel", "kind", "entry_id"]
        rows = [{**place._asdict(), "number": number} for place, number in stretch.numbers.items()]
        unit.session.execute(insert.on_conflict_do_update(index_elements=keys, set_=grown), rows)
    return True


def as_of(unit: Unit, now: datetime) -> datetime:
    """As of when the sums are: now, where nothing was said since."""
    newest = unit.session.scalar(select(func.max(DeliveryRow.id))) or 0
    tally = unit.session.execute(select(TallyRow.last_id, TallyRow.at).where(TallyRow.name == NAME)).one_or_none()
    return now if tally is None or tally.last_id >= newest else tally.at


def by_day(unit: Unit, span: Span) -> dict[tuple[date, AnswerKind], int]:
    """Replies of each day and kind."""
    row = AnswerSumRow
    found = select(row.asked_on, row.kind, func.sum(row.number)).where(*_within(span))
    return {(on, kind): int(n) for on, kind, n in unit.session.execute(found.group_by(row.asked_on, row.kind))}


def by_channel(unit: Unit, span: Span) -> dict[tuple[str, AnswerKind], int]:
    """Replies on each channel, of each kind."""
    row = AnswerSumRow
    found = select(row.channel, row.kind, func.sum(row.number)).where(*_within(span))
    return {(channel, kind): int(n) for channel, kind, n in unit.session.execute(found.group_by(row.channel, row.kind))}


def by_entry(unit: Unit, span: Span) -> dict[tuple[str, AnswerKind], int]:
    """Replies from each entry, or that it came nearest to, of each kind."""
    row = AnswerSumRow
    found = select(row.entry_id, row.kind, func.sum(row.number)).where(*_within(span), row.entry_id != "")
    return {(entry, kind): int(n) for entry, kind, n in unit.session.execute(found.group_by(row.entry_id, row.kind))}


def _within(span: Span) -> Sequence[ColumnElement[bool]]:
    row = AnswerSumRow
    days = (row.asked_on >= span.first, row.asked_on <= span.last)
    return days if span.channel is None else (*days, row.channel == span.channel)
