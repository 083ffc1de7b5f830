"""Counters that tell every process that something it keeps in memory has changed."""

from sqlalchemy import select

from storage.models import VersionRow
from storage.unit import Unit
from storage.upserts import insertion

CALENDAR = "calendar"


def of(unit: Unit, name: str) -> int:
    """The present count; 0 before the first change."""
    return unit.session.scalars(select(VersionRow.version).where(VersionRow.name == name)).one_or_none() or 0


def bump(unit: Unit, name: str) -> None:
    """Count a change, and tell who listens."""
    first = insertion(unit, VersionRow).values(name=name, version=1)
    next_one = first.on_conflict_do_update(index_elements=["name"], set_={"version": VersionRow.version + 1})
    unit.session.execute(next_one)
    unit.announce("versions", name)
