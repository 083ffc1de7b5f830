"""Legal holds: set and lifted, never removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from storage.models import LegalHoldRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold that stands."""

    id: int
    client_id: int
    reason: str
    set_at: datetime


def add(unit: Unit, client_id: int, reason: str, staff_id: int, at: datetime) -> None:
    """Hold everything of a client."""
    unit.session.add(LegalHoldRow(client_id=client_id, reason=reason, set_by=staff_id, set_at=at))
    unit.flush()


def standing(unit: Unit, client_ids: Sequence[int]) -> list[Hold]:
    """The holds that stand on some clients, the oldest first."""
    row = LegalHoldRow
    found = select(row).where(row.client_id.in_(client_ids), row.lifted_at.is_(None)).order_by(row.id)
    return [Hold(one.id, one.client_id, one.reason, one.set_at) for one in unit.session.scalars(found)]


def lift(unit: Unit, client_id: int, reason: str, staff_id: int, at: datetime) -> int:
    """Lift every hold that stands on a client; how many."""
    row = LegalHoldRow
    lifted = update(row).where(row.client_id == client_id, row.lifted_at.is_(None))
    values = lifted.values(lifted_by=staff_id, lifted_at=at, lifted_for=reason)
    return len(unit.session.execute(values.returning(row.id)).all())
