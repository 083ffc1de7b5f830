"""What can be wrong with a year's calendar although it is well formed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.calendar.branch import DAY, SATURDAY
from services.calendar.occasions import Occasions
from services.calendar.years import CalendarYear, DayRange

Location = tuple[int | str, ...]


class FaultKind(StrEnum):
    """What is wrong; the value names the reader's text."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    REPEATED_FIELD = "repeated_field"
    NOT_UNDERSTOOD = "not_understood"
    ENDS_BEFORE_START = "ends_before_start"
    OUTSIDE_YEAR = "outside_year"
    TWICE = "twice"
    MAKE_UP_ON_WEEKDAY = "make_up_on_weekday"
    MAKE_UP_IS_DAY_OFF = "make_up_is_day_off"
    MARKET_OPEN_ON_DAY_OFF = "market_open_on_day_off"
    STATUTORY_DAY_ABSENT = "statutory_day_absent"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where in the document, of which kind, and the day or field concerned."""

    where: Location
    kind: FaultKind
    detail: str


def findings(year: CalendarYear) -> tuple[Finding, ...]:
    """All faults of a year; the comparisons are made once its days are known to lie inside it."""
    lists = {
        "days_off": year.days_off,
        "market_closed": year.market_closed,
        "make_up_workdays": year.make_up_workdays,
    }
    outside = tuple(each for field, ranges in lists.items() for each in _outside(year.year, field, ranges))
    if outside:
        return outside
    twice = (each for field, ranges in lists.items() for each in _twice(field, ranges))
    return (*twice, *_make_up(year), *_market_open(year), *_statutory_absent(year))


def statutory_days(year: int) -> tuple[date, ...]:
    """The days that are off by law in every year, computed from sun and moon."""
    rules = [each.rule for each in Occasions.from_seed().occasions if each.statutory]
    first = date(year, 1, 1)
    days = (first + DAY * n for n in range((date(year, 12, 31) - first).days + 1))
    return tuple(day for day in days if any(rule.falls_on(day) for rule in rules))


def _outside(year: int, field: str, ranges: tuple[DayRange, ...]) -> Iterator[Finding]:
    for index, each in enumerate(ranges):
        if each.first < date(year - 1, 12, 1) or each.last > date(year, 12, 31):
            yield Finding((field, index), FaultKind.OUTSIDE_YEAR, str(each.first))


def _twice(field: str, ranges: tuple[DayRange, ...]) -> Iterator[Finding]:
    seen: set[date] = set()
    for index, each in enumerate(ranges):
        again = seen.intersection(each.days())
        if again:
            yield Finding((field, index), FaultKind.TWICE, str(min(again)))
        seen.update(each.days())


def _make_up(year: CalendarYear) -> Iterator[Finding]:
    off = _days(year.days_off)
    for index, each in enumerate(year.make_up_workdays):
        if each.first.weekday() < SATURDAY:
            yield Finding(("make_up_workdays", index), FaultKind.MAKE_UP_ON_WEEKDAY, str(each.first))
        if each.first in off:
            yield Finding(("make_up_workdays", index), FaultKind.MAKE_UP_IS_DAY_OFF, str(each.first))


def _market_open(year: CalendarYear) -> Iterator[Finding]:
    """The exchanges have closed on every weekday that was off by notice."""
    closed = _days(year.market_closed)
    for index, each in enumerate(year.days_off):
        traded = [day for day in each.days() if day.weekday() < SATURDAY and day not in closed]
        if traded:
            yield Finding(("days_off", index), FaultKind.MARKET_OPEN_ON_DAY_OFF, str(traded[0]))


def _statutory_absent(year: CalendarYear) -> Iterator[Finding]:
    for field, ranges in (("days_off", year.days_off), ("market_closed", year.market_closed)):
        known = _days(ranges)
        for day in statutory_days(year.year):
            if day not in known:
                yield Finding((field,), FaultKind.STATUTORY_DAY_ABSENT, str(day))


def _days(ranges: tuple[DayRange, ...]) -> frozenset[date]:
    return frozenset(day for each in ranges for day in each.days())
