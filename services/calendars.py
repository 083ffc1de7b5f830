"""The imported years of the branch's calendar, and the calendar that every process makes of them."""

from datetime import date, datetime
from typing import Any

from bot.clock import branch_date
from services import audit
from services.audit import Deed
from services.calendar import BranchCalendar, CalendarYear, DayRange, packaged_years
from storage.repositories import calendar_years as rows
from storage.repositories import versions
from storage.repositories.calendar_years import ImportedYear
from storage.unit import Unit

PACKAGED = "quanfu"
"""Under `imported_by`: the year came with the product."""

WARN_FROM_MONTH = 11
"""From this month on the next year is asked for."""

_LISTS = ("days_off", "market_closed", "make_up_workdays")


class Calendars:
    """Keeps one process's calendar up to date; empty until the first `refresh`."""

    def __init__(self) -> None:
        self._version = -1
        self._calendar = BranchCalendar(())

    def current(self) -> BranchCalendar:
        """The calendar as of the last `refresh`."""
        return self._calendar

    def refresh(self, unit: Unit) -> bool:
        """Read the years anew if one was imported since; True where that was so."""
        version = versions.of(unit, versions.CALENDAR)
        if version == self._version:
            return False
        self._calendar = BranchCalendar(_year(imported) for imported in rows.all_of(unit))
        self._version = version
        return True


def take(unit: Unit, year: CalendarYear, imported_by: str, now: datetime) -> None:
    """Import a year that has been read without fault; it replaces an earlier import."""
    rows.save(unit, ImportedYear(year.year, _document(year), year.source, imported_by, now))
    versions.bump(unit, versions.CALENDAR)
    audit.record(unit, Deed("calendar.import", f"calendar:{year.year}", now, detail={"by": imported_by}))


def load_packaged(unit: Unit, now: datetime) -> list[int]:
    """Import the packaged years that are not known yet; returns them."""
    known = {imported.year for imported in rows.all_of(unit)}
    missing = [year for year in packaged_years() if year.year not in known]
    for year in missing:
        take(unit, year, PACKAGED, now)
    return [year.year for year in missing]


def wanting(calendar: BranchCalendar, now: datetime) -> list[int]:
    """The years that should have been imported by now and are not: this one, late in the year the next too."""
    today = branch_date(now)
    needed = [today.year, today.year + 1] if today.month >= WARN_FROM_MONTH else [today.year]
    return [year for year in needed if year not in calendar.years]


def _document(year: CalendarYear) -> dict[str, Any]:
    return {name: [_range(announced) for announced in getattr(year, name)] for name in _LISTS}


def _range(announced: DayRange) -> dict[str, str]:
    return {"name": announced.name, "from": announced.first.isoformat(), "to": announced.last.isoformat()}


def _year(imported: ImportedYear) -> CalendarYear:
    lists = {name: tuple(_read(each) for each in imported.days[name]) for name in _LISTS}
    return CalendarYear(imported.year, imported.source, **lists)


def _read(stored: dict[str, str]) -> DayRange:
    return DayRange(stored["name"], date.fromisoformat(stored["from"]), date.fromisoformat(stored["to"]))
