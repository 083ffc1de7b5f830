"""Days on which members of staff are not here: their clients are answered by the queue then."""

from datetime import date, datetime, timedelta

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Action
from services import audit
from services.audit import Deed
from services.staff import demand
from storage.repositories import absences as rows
from storage.repositories import staff as people
from storage.repositories.absences import Absence
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST = timedelta(days=366)


def ahead(unit: Unit, number: str, today: date) -> list[Absence]:
    """Somebody's absences that are not over yet."""
    return rows.ahead(unit, _known(unit, number).id, today)


def add(unit: Unit, by: Staff, number: str, days: tuple[date, date], now: datetime) -> None:
    """Note one's own absence, or that of somebody in one's team; Refused where the days are past or in wrong order."""
    person, (first_on, last_on) = _planned(unit, by, number), days
    if not first_on <= last_on <= first_on + LONGEST or last_on < branch_date(now):
        raise Refused("absence_days")
    rows.add(unit, person.id, first_on, last_on)
    detail = {"from": first_on.isoformat(), "to": last_on.isoformat()}
    audit.record(unit, Deed("staff.absent", f"staff:{number}", now, by.id, detail))


def remove(unit: Unit, by: Staff, number: str, absence_id: int, now: datetime) -> None:
    """Forget an absence: the person is here after all."""
    person = _planned(unit, by, number)
    if not rows.remove(unit, person.id, absence_id):
        raise Refused("absence_unknown")
    audit.record(unit, Deed("staff.present", f"staff:{number}", now, by.id))


def _planned(unit: Unit, by: Staff, number: str) -> Staff:
    person = _known(unit, number)
    demand(by, Action.PLAN_ABSENCES, own=by.has(person.id))
    return person


def _known(unit: Unit, number: str) -> Staff:
    found = people.by_number(unit, number)
    if found is None:
        raise Refused("staff_unknown", number=number)
    return found
