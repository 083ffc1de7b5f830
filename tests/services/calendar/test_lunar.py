"""Lunar birthdays: once in every lunar year, and on the right day."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lunar_python import Solar

from bot.vocabulary import Birthday
from services.calendar import (
    LeapRule,
    LunarDate,
    LunarDay,
    birthday_in,
    birthday_key_year,
    birthday_on,
    birthdays_on,
    lunar_of,
    solar_in,
    solar_of,
)

YEARS = st.integers(1900, 2099)
WALKED = st.sampled_from([1903, 2026, 2028, 2033])
"""Leap months 5, none, 5 and 11; a year that is walked takes the library half a second."""

DAYS = st.dates(date(1900, 2, 1), date(2100, 12, 31))
LUNAR = st.builds(LunarDate, st.integers(1, 12), st.integers(1, 30), st.booleans())
RULES = st.sampled_from(LeapRule)


def walked(day: date) -> LunarDay:
    """The library's own conversion of a single day, which the code does not use."""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return LunarDay(lunar.getYear(), LunarDate(abs(lunar.getMonth()), lunar.getDay(), leap=lunar.getMonth() < 0))


@cache
def days_of_lunar_year(year: int) -> tuple[tuple[date, LunarDate], ...]:
    return tuple(_days_of_lunar_year(year))


def _days_of_lunar_year(year: int) -> Iterator[tuple[date, LunarDate]]:
    for offset in range(420):
        day = date(year, 1, 15) + timedelta(days=offset)
        lunar = walked(day)
        if lunar.year == year:
            yield day, lunar.date


def celebrated(year: int, wanted: LunarDate, rule: LeapRule) -> date:
    """The slow way: look at all days of the lunar year and take the fitting one."""
    days = days_of_lunar_year(year)
    leap = wanted.leap and rule is LeapRule.LEAP and any(d.month == wanted.month and d.leap for _, d in days)
    month = [(day, d) for day, d in days if d.month == wanted.month and d.leap == leap]
    return max(day for day, d in month if d.day <= wanted.day)


@given(DAYS)
def test_lunar_of_agrees_with_the_day_by_day_conversion(day: date) -> None:
    assert lunar_of(day) == walked(day)


@given(WALKED, LUNAR, RULES)
def test_solar_in_agrees_with_walking_the_year(year: int, wanted: LunarDate, rule: LeapRule) -> None:
    assert solar_in(year, wanted, rule) == celebrated(year, wanted, rule)


@given(YEARS, LUNAR, RULES)
def test_every_lunar_birthday_has_one_day_in_each_lunar_year(year: int, wanted: LunarDate, rule: LeapRule) -> None:
    day = solar_in(year, wanted, rule)
    assert lunar_of(day).year == year
    assert day in solar_of(wanted, day.year, rule)


@settings(deadline=None)
@given(st.integers(1901, 2097), LUNAR, RULES)
def test_walking_three_years_greets_once_per_key_year(year: int, lunar: LunarDate, rule: LeapRule) -> None:
    birthday = Birthday(lunar.month, lunar.day, lunar=True, leap=lunar.leap)
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(3 * 366))
    keys = [key for day in days if (key := birthday_key_year(birthday, day, rule)) is not None]
    assert len(keys) == len(set(keys))
    assert {year, year + 1} <= set(keys)


LUNAR_VALUES = [
    Birthday(month, day, lunar=True, leap=leap)
    for month in range(1, 13)
    for day in range(1, 31)
    for leap in (False, True)
]
LEAP_YEAR = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
SOLAR_VALUES = [Birthday(day.month, day.day) for day in LEAP_YEAR]


@given(DAYS, RULES)
def test_birthdays_on_lists_exactly_the_values_celebrated(day: date, rule: LeapRule) -> None:
    expected = {each for each in (*LUNAR_VALUES, *SOLAR_VALUES) if birthday_on(each, day, rule)}
    assert set(birthdays_on(day, rule)) == expected


def test_leap_fifth_month_of_2028() -> None:
    born_in_leap_month = LunarDate(5, 1, leap=True)
    assert solar_in(2028, born_in_leap_month) == date(2028, 5, 24)
    assert solar_in(2028, born_in_leap_month, LeapRule.LEAP) == date(2028, 6, 23)
    assert solar_in(2027, born_in_leap_month, LeapRule.LEAP) == solar_in(2027, LunarDate(5, 1))


@pytest.mark.parametrize("rule", LeapRule)
def test_an_ordinary_birthday_is_not_repeated_in_the_leap_month(rule: LeapRule) -> None:
    birthday = Birthday(5, 1, lunar=True)
    assert birthday_on(birthday, date(2028, 5, 24), rule)
    assert not birthday_on(birthday, date(2028, 6, 23), rule)
    assert Birthday(5, 1, lunar=True) not in birthdays_on(date(2028, 6, 23), rule)


def test_the_thirtieth_falls_on_the_last_day_of_a_short_month() -> None:
    assert solar_in(2025, LunarDate(12, 30)) == date(2026, 2, 16)
    assert solar_in(2026, LunarDate(12, 30)) == date(2027, 2, 5)
    assert birthday_key_year(Birthday(12, 30, lunar=True), date(2027, 2, 5)) == 2026


def test_january_belongs_to_the_lunar_year_before() -> None:
    assert lunar_of(date(2027, 1, 15)) == LunarDay(2026, LunarDate(12, 8))
    assert birthday_key_year(Birthday(12, 8, lunar=True), date(2027, 1, 15)) == 2026


def test_a_gregorian_year_may_hold_two_celebrations_or_none() -> None:
    counts = {len(solar_of(LunarDate(11, 25), year)) for year in range(1950, 2050)}
    assert counts == {0, 1, 2}


@pytest.mark.parametrize(("year", "expected"), [(2026, date(2026, 2, 28)), (2028, date(2028, 2, 29))])
def test_born_on_leap_day(year: int, expected: date) -> None:
    assert birthday_in(Birthday(2, 29, 1988), year) == expected
    assert birthday_key_year(Birthday(2, 29, 1988), expected) == year
    assert birthday_on(Birthday(2, 28), date(year, 2, 28))
    assert not birthday_on(Birthday(2, 29), date(2028, 2, 28))


@pytest.mark.parametrize(("month", "day"), [(0, 1), (13, 1), (1, 0), (1, 31)])
def test_no_such_lunar_date(month: int, day: int) -> None:
    with pytest.raises(ValueError, match="no lunar date"):
        LunarDate(month, day)
