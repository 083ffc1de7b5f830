"""Reading and writing on which days members of staff are not here."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, delete, exists, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from storage.models import AbsenceRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Absence:
    """One stretch of days, both included."""

    id: int
    first_on: date
    last_on: date


def ahead(unit: Unit, staff_id: int, today: date) -> list[Absence]:
    """What is not over yet, the earliest first."""
    row = AbsenceRow
    wanted = select(row).where(row.staff_id == staff_id, row.last_on >= today).order_by(row.first_on, row.id)
    return [Absence(one.id, one.first_on, one.last_on) for one in unit.session.scalars(wanted)]


def add(unit: Unit, staff_id: int, first_on: date, last_on: date) -> None:
    """Note a stretch of days."""
    unit.session.execute(insert(AbsenceRow).values(staff_id=staff_id, first_on=first_on, last_on=last_on))


def remove(unit: Unit, staff_id: int, absence_id: int) -> bool:
    """Forget one of somebody's; False where there is none."""
    row = AbsenceRow
    gone = delete(row).where(row.id == absence_id, row.staff_id == staff_id).returning(row.id)
    return unit.session.execute(gone).one_or_none() is not None


def away(staff_id: InstrumentedAttribute[int], on: date) -> ColumnElement[bool]:
    """Whether the member of staff of a row is not here on a day."""
    row = AbsenceRow
    return exists().where(row.staff_id == staff_id, row.first_on <= on, row.last_on >= on)
