"""Questions that found no certain answer: writing them, and what curators make of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Update, func, select, update

from bot.vocabulary import UNDONE, Locale, Settlement
from storage.models import MissRow, StaffRow
from storage.repositories.editions import Person
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Miss:
    """A question the curators should see; `nearest` is the entry that came closest, with its score."""

    question: str
    locale: Locale
    outcome: str
    channel: str
    conversation_id: int | None
    at: datetime
    nearest: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Missed(Miss):
    """A miss that is kept."""

    id: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of misses, who says so and when; the entry that they went to, or why they went nowhere."""

    settlement: Settlement
    staff_id: int
    at: datetime
    entry_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """Misses that somebody settled together, the newest first."""

    verdict: Verdict
    staff: Person
    misses: tuple[Missed, ...]


_COLUMNS = (
    MissRow.question,
    MissRow.locale,
    MissRow.outcome,
    MissRow.channel,
    MissRow.conversation_id,
    MissRow.at,
    MissRow.nearest,
    MissRow.score,
    MissRow.id,
)
_OPEN = MissRow.settled_at.is_(None)
_VERDICT = (MissRow.settlement, MissRow.settled_by, MissRow.settled_at, MissRow.entry_id, MissRow.reason)
_VALUES = ("settlement", "settled_by", "settled_at", "entry_id", "reason")


def add(unit: Unit, miss: Miss) -> None:
    """Keep a miss."""
    unit.session.add(
        MissRow(
            question=miss.question,
            locale=miss.locale,
            outcome=miss.outcome,
            channel=miss.channel,
            conversation_id=miss.conversation_id,
            nearest=miss.nearest,
            score=miss.score,
            at=miss.at,
        )
    )
    unit.flush()


def open_since(unit: Unit, since: datetime, limit: int) -> list[Missed]:
    """Those that nobody has settled, newest first."""
    chosen = select(*_COLUMNS).where(_OPEN, MissRow.at >= since)
    return [
        _missed(row) for row in unit.session.execute(chosen.order_by(MissRow.at.desc(), MissRow.id.desc()).limit(limit))
    ]


def count_open(unit: Unit, since: datetime) -> int:
    """How many nobody has settled."""
    return unit.session.scalar(select(func.count()).select_from(MissRow).where(_OPEN, MissRow.at >= since)) or 0


def settle(unit: Unit, ids: Sequence[int], verdict: Verdict) -> list[Missed]:
    """Compare-and-set: settle those that are open still; gives them."""
    given = (verdict.settlement, verdict.staff_id, verdict.at, verdict.entry_id, verdict.reason)
    settled = dict(zip(_VALUES, given, strict=True))
    return _changed(unit, update(MissRow).where(MissRow.id.in_(ids), _OPEN).values(settled))


def past(unit: Unit, since: datetime, start: int, limit: int) -> list[Past]:
    """What was settled since, the latest first, leaving out the first `start` decisions."""
    row = MissRow
    decisions = select(row.settled_at, row.settled_by).where(row.settled_at >= since).distinct()
    newest = decisions.order_by(row.settled_at.desc(), row.settled_by).offset(start).limit(limit).subquery()
    chosen = _past().join(newest, (newest.c.settled_at == row.settled_at) & (newest.c.settled_by == row.settled_by))
    return _together(unit.session.execute(chosen))


def settled_with(unit: Unit, miss_id: int) -> Past | None:
    """The decision on one, with all that it settled; None where the miss is open."""
    row = MissRow
    one = select(row.settled_at, row.settled_by).where(row.id == miss_id).subquery()
    chosen = _past().join(one, (one.c.settled_at == row.settled_at) & (one.c.settled_by == row.settled_by))
    return next(iter(_together(unit.session.execute(chosen))), None)


def _past() -> Select[*tuple[Any, ...]]:
    row = MissRow
    chosen = select(*_COLUMNS, *_VERDICT, StaffRow.number, StaffRow.name).join(StaffRow, StaffRow.id == row.settled_by)
    return chosen.order_by(row.settled_at.desc(), row.settled_by, row.at.desc(), row.id.desc())


def _together(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Past]:
    """Rows of one decision stand together."""
    found: dict[tuple[datetime, int], tuple[Verdict, Person, list[Missed]]] = {}
    count = len(_COLUMNS)
    for columns in rows:
        settlement, staff_id, at, entry_id, reason, number, name = columns[count:]
        new = Verdict(settlement, staff_id, at, entry_id, reason), Person(staff_id, number, name), list[Missed]()
        found.setdefault((at, staff_id), new)[2].append(Missed(*columns[:count]))
    return [Past(verdict, person, tuple(misses)) for verdict, person, misses in found.values()]


def reopen(unit: Unit, ids: Sequence[int], since: datetime) -> list[Missed]:
    """Take back what was decided on misses that are not older; gives what is open again."""
    undone = (MissRow.id.in_(ids), MissRow.settlement.in_(UNDONE), MissRow.at >= since)
    return _changed(unit, update(MissRow).where(*undone).values(dict.fromkeys(_VALUES)))


def _changed(unit: Unit, change: Update) -> list[Missed]:
    return sorted(map(_missed, unit.session.execute(change.returning(*_COLUMNS))), key=lambda missed: missed.id)


def _missed(row: Row[*tuple[Any, ...]]) -> Missed:
    return Missed(*row)
