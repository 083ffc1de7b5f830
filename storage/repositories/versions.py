"""Counters that tell every process that something it keeps in memory has changed."""

from sqlalchemy import select

from storage.models import VersionRow
from storage.unit import Unit
from storage.upserts import insertion

CALENDAR = "calendar"
KNOWLEDGE = "knowledge"


def of(unit: Unit, name: str) -> int:
    """The present count; 0 before the first change."""
    return unit.session.scalars(select(VersionRow.version).where(VersionRow.name == name)).one_or_none() or 0


def bump(unit: Unit, name: str) -> int:
    """Count a change, and tell who listens; whoever counts at the same time waits for this transaction to end."""
    first = insertion(unit, VersionRow).values(name=name, version=1)
    next_one = first.on_conflict_do_update(index_elements=["name"], set_={"version": VersionRow.version + 1})
    count = unit.session.scalars(next_one.returning(VersionRow.version)).one()
    unit.announce("versions", name)
    return count
