"""Questions that found no certain answer: writing them, and what curators make of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, func, select, update
from sqlalchemy.orm import aliased

from bot.vocabulary import Locale, Settlement
from storage.models import MissRow
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


def settle(unit: Unit, ids: Sequence[int], settlement: Settlement, staff_id: int, now: datetime) -> list[Missed]:
    """Compare-and-set: settle those that are open still; gives them."""
    values = {"settlement": settlement, "settled_by": staff_id, "settled_at": now}
    return _changed(unit, update(MissRow).where(MissRow.id.in_(ids), _OPEN).values(values))


def dismissed_with(unit: Unit, miss_id: int, staff_id: int) -> int:
    """How many a person dismissed together with one; 0 where it is open, or was settled by somebody else."""
    return unit.session.scalar(select(func.count()).select_from(MissRow).where(*_dismissed(miss_id, staff_id))) or 0


def reopen(unit: Unit, miss_id: int, staff_id: int) -> list[Missed]:
    """Take back what a person dismissed together with one; gives what is open again."""
    opened = {"settlement": None, "settled_by": None, "settled_at": None}
    return _changed(unit, update(MissRow).where(*_dismissed(miss_id, staff_id)).values(opened))


def _dismissed(miss_id: int, staff_id: int) -> Sequence[ColumnElement[bool]]:
    """At the same instant, by the same person."""
    row, one = MissRow, aliased(MissRow)
    at = select(one.settled_at).where(one.id == miss_id).scalar_subquery()
    return (row.settled_by == staff_id, row.settlement == Settlement.DISMISSED, row.settled_at == at)


def _changed(unit: Unit, change: Update) -> list[Missed]:
    return sorted(map(_missed, unit.session.execute(change.returning(*_COLUMNS))), key=lambda missed: missed.id)


def _missed(row: Row[*tuple[Any, ...]]) -> Missed:
    return Missed(*row)
