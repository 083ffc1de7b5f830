"""Lunar dates and yearly birthdays; the only module that asks the lunar library.

Every birthday is celebrated exactly once per *key year*: the Gregorian year of a solar birthday,
the lunar year of a lunar one. A Gregorian year may hold two lunar 12-30s, or none, so the key year
and not the year of the date belongs in a deduplication key.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from lunar_python import LunarYear, Solar

from bot.vocabulary import Birthday

LONGEST_MONTH = 30


class LeapRule(StrEnum):
    """Where a leap-month birthday goes in a year that has that leap month; never both."""

    ORDINARY = "ordinary"
    LEAP = "leap"


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the lunar year: month 1 to 12, day 1 to 30."""

    month: int
    day: int
    leap: bool = False

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1 <= self.day <= LONGEST_MONTH):
            raise ValueError(f"no lunar date {self.month}-{self.day}")


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day as the lunar calendar names it; its year begins at spring festival."""

    year: int
    date: LunarDate


@dataclass(frozen=True, slots=True)
class _Month:
    first: date
    length: int


def lunar_of(day: date) -> LunarDay:
    """The lunar name of a Gregorian day."""
    year = day.year if day >= _months(day.year)[1, False].first else day.year - 1
    starts = ((month.first, number, leap) for (number, leap), month in _months(year).items() if month.first <= day)
    first, number, leap = max(starts)
    return LunarDay(year, LunarDate(number, (day - first).days + 1, leap))


def solar_term_on(day: date) -> str:
    """The solar term that falls on this day, under its Chinese name; empty on other days."""
    return _solar_terms(day.year).get(day, "")


def solar_in(lunar_year: int, lunar: LunarDate, leap_rule: LeapRule = LeapRule.ORDINARY) -> date:
    """The one day of a lunar year on which this lunar birthday is celebrated.

    Day 30 falls on the last day of a short month; a leap month on the ordinary month of that number
    where the year has no such leap month, or where the rule says so.
    """
    months = _months(lunar_year)
    leap = lunar.leap and leap_rule is LeapRule.LEAP and (lunar.month, True) in months
    month = months[lunar.month, leap]
    return month.first + timedelta(days=min(lunar.day, month.length) - 1)


def solar_of(lunar: LunarDate, year: int, leap_rule: LeapRule = LeapRule.ORDINARY) -> tuple[date, ...]:
    """Its celebrations inside a Gregorian year: one, at times none or two, in order."""
    days = (solar_in(lunar_year, lunar, leap_rule) for lunar_year in (year - 1, year))
    return tuple(day for day in days if day.year == year)


def birthday_in(birthday: Birthday, key_year: int, leap_rule: LeapRule = LeapRule.ORDINARY) -> date:
    """The celebration of a key year; born on 29 February means 28 February in common years."""
    if birthday.lunar:
        return solar_in(key_year, LunarDate(birthday.month, birthday.day, birthday.leap), leap_rule)
    if (birthday.month, birthday.day) == (2, 29):
        return date(key_year, 3, 1) - timedelta(days=1)
    return date(key_year, birthday.month, birthday.day)


def birthday_key_year(birthday: Birthday, day: date, leap_rule: LeapRule = LeapRule.ORDINARY) -> int | None:
    """The key year whose celebration is this day, for `birthday:{client_id}:{year}`; else None."""
    key_year = lunar_of(day).year if birthday.lunar else day.year
    return key_year if birthday_in(birthday, key_year, leap_rule) == day else None


def birthday_on(birthday: Birthday, day: date, leap_rule: LeapRule = LeapRule.ORDINARY) -> bool:
    """Whether the birthday is celebrated on this day."""
    return birthday_key_year(birthday, day, leap_rule) is not None


def birthdays_on(day: date, leap_rule: LeapRule = LeapRule.ORDINARY) -> tuple[Birthday, ...]:
    """All recorded values (birth year left out) celebrated on this day: what a query must look for."""
    return (*_solar_birthdays(day), *_lunar_birthdays(day, leap_rule))


def _solar_birthdays(day: date) -> tuple[Birthday, ...]:
    tomorrow = day + timedelta(days=1)
    today = Birthday(day.month, day.day)
    if (day.month, day.day, tomorrow.month) == (2, 28, 3):
        return (today, Birthday(2, 29))
    return (today,)


def _lunar_birthdays(day: date, leap_rule: LeapRule) -> tuple[Birthday, ...]:
    lunar = lunar_of(day).date
    days = sorted({lunar.day, LONGEST_MONTH})
    candidates = [Birthday(lunar.month, n, lunar=True, leap=leap) for n in days for leap in (False, True)]
    return tuple(each for each in candidates if birthday_on(each, day, leap_rule))


@lru_cache(maxsize=64)
def _solar_terms(year: int) -> dict[date, str]:
    """The solar terms of a Gregorian year by day; the library's table reaches over both its ends."""
    table = Solar.fromYmd(year, 6, 1).getLunar().getJieQiTable()
    return {_date(each): str(each.getLunar().getJieQi()) for each in table.values() if each.getYear() == year}


def _date(solar: Solar) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@lru_cache(maxsize=512)
def _months(lunar_year: int) -> dict[tuple[int, bool], _Month]:
    """The months of a lunar year by (number, leap)."""
    months: dict[tuple[int, bool], _Month] = {}
    for month in LunarYear.fromYear(lunar_year).getMonthsInYear():
        number = int(month.getMonth())
        first = _date(Solar.fromJulianDay(month.getFirstJulianDay()))
        months[abs(number), number < 0] = _Month(first, int(month.getDayCount()))
    return months
