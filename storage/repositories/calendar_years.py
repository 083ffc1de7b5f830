"""Reading and writing the imported years of the branch's calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.models import CalendarYearRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class ImportedYear:
    """One year as it was imported; `days` holds the announced ranges by their kind."""

    year: int
    days: Mapping[str, Any]
    source: str
    imported_by: str
    imported_at: datetime


def save(unit: Unit, imported: ImportedYear) -> None:
    """Write a year over what was known of it."""
    columns = {name: getattr(imported, name) for name in ImportedYear.__slots__}
    unit.session.merge(CalendarYearRow(**columns | {"days": dict(imported.days)}))
    unit.flush()


def all_of(unit: Unit) -> list[ImportedYear]:
    """Every year, the earliest first."""
    rows = unit.session.scalars(select(CalendarYearRow).order_by(CalendarYearRow.year))
    return [ImportedYear(row.year, row.days, row.source, row.imported_by, row.imported_at) for row in rows]
