"""Answers that state what changes with time, and when somebody has to look at them again."""

from datetime import date

from bot.clock import Clock, branch_date
from bot.errors import Conflict, Refused
from bot.vocabulary import Action
from services import audit, staff
from services.audit import Deed
from storage.repositories import editions as rows
from storage.repositories import versions
from storage.repositories.audit import Detail
from storage.repositories.editions import Edition, Seen
from storage.repositories.staff import Staff
from storage.unit import Unit

TOPIC = "reviews"


def overdue(unit: Unit, today: date) -> list[Edition]:
    """What is published and should have been looked at again by that day, the longest overdue first."""
    return rows.due(unit, today)


def remind(unit: Unit, today: date) -> int:
    """Tell staff how many are overdue, if any are; returns the number."""
    number = len(overdue(unit, today))
    if number:
        unit.announce(TOPIC, number)
    return number


def confirm(unit: Unit, person: Staff, seen: Seen, review_on: date, clock: Clock) -> None:
    """Say that a published answer still holds, and when to look again."""
    staff.demand(person, Action.APPROVE_KNOWLEDGE)
    now = clock.now()
    if review_on <= branch_date(now):
        raise Refused("knowledge_review_past", on=review_on.isoformat())
    found = rows.by_id(unit, seen.id)
    if found is None or not rows.look_again(unit, seen, review_on):
        raise Conflict("knowledge_changed", entry=found.entry_id if found else seen.id)
    versions.bump(unit, versions.KNOWLEDGE)
    detail: Detail = {"version": found.version, "until": review_on.isoformat()}
    audit.record(unit, Deed("knowledge.confirm", f"knowledge:{found.entry_id}", now, person.id, detail))
