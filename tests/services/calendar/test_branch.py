"""Working days and trading days against the exchanges' announcements."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lunar_python.util import HolidayUtil

from services.calendar import BranchCalendar, CalendarYear, CalendarYearMissing, DayKind, DayRange, packaged_years

ALL_DAYS = [date(2025, 1, 1) + timedelta(days=n) for n in range(730)]
CLOSED_WEEKDAYS_2026 = {
    date(2026, month, day)
    for month, days in {
        1: (1, 2),
        2: (16, 17, 18, 19, 20, 23),
        4: (6,),
        5: (1, 4, 5),
        6: (19,),
        9: (25,),
        10: (1, 2, 5, 6, 7),
    }.items()
    for day in days
}
MAKE_UP_2026 = {(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)}


def listed_as_working(day: date) -> bool:
    """An independent table of the notices."""
    announced = HolidayUtil.getHoliday(day.year, day.month, day.day)
    return bool(announced.isWork()) if announced else day.weekday() < 5


def test_working_days_agree_with_an_independent_table(calendar: BranchCalendar) -> None:
    differing = [day for day in ALL_DAYS if calendar.is_workday(day) is not listed_as_working(day)]
    assert differing == []


def test_weekdays_without_trading_in_2026(calendar: BranchCalendar) -> None:
    closed = {day for day in ALL_DAYS[365:] if day.weekday() < 5 and not calendar.is_trading_day(day)}
    assert closed == CLOSED_WEEKDAYS_2026
    assert sum(calendar.is_trading_day(day) for day in ALL_DAYS[365:]) == 261 - len(CLOSED_WEEKDAYS_2026)


def test_make_up_weekends_are_worked_but_not_traded(calendar: BranchCalendar) -> None:
    make_up = [day for day in ALL_DAYS[365:] if calendar.standing(day).kind is DayKind.MAKE_UP]
    assert {(day.month, day.day) for day in make_up} == MAKE_UP_2026
    assert all(calendar.is_workday(day) and not calendar.is_trading_day(day) for day in make_up)


def test_standing_names_the_holiday(calendar: BranchCalendar) -> None:
    holiday = calendar.standing(date(2026, 10, 1))
    make_up = calendar.standing(date(2026, 10, 10))
    assert (holiday.kind, holiday.name) == (DayKind.HOLIDAY, "国庆节")
    assert (make_up.kind, make_up.name) == (DayKind.MAKE_UP, "国庆节")
    assert calendar.standing(date(2026, 11, 22)).kind is DayKind.WEEKEND
    assert calendar.standing(date(2026, 11, 23)).kind is DayKind.WORKDAY


def test_the_market_may_close_on_a_working_day() -> None:
    closed = (DayRange("除夕", date(2024, 2, 9), date(2024, 2, 9)),)
    calendar = BranchCalendar([CalendarYear(2024, "test", (), closed, ())])
    assert calendar.is_workday(date(2024, 2, 9))
    assert not calendar.is_trading_day(date(2024, 2, 9))


def test_neighbours_around_national_day(calendar: BranchCalendar) -> None:
    assert calendar.next_trading_day(date(2026, 9, 30)) == date(2026, 10, 8)
    assert calendar.previous_trading_day(date(2026, 10, 8)) == date(2026, 9, 30)
    assert calendar.next_workday(date(2026, 10, 9)) == date(2026, 10, 10)
    assert calendar.next_trading_day(date(2026, 10, 9)) == date(2026, 10, 12)


PACKAGED = BranchCalendar(packaged_years())


@given(st.sampled_from(ALL_DAYS[:650]), st.integers(0, 50))
def test_add_workdays_against_counting(day: date, count: int) -> None:
    calendar = PACKAGED
    due = calendar.add_workdays(day, count)
    between = [each for each in ALL_DAYS if day < each <= due and calendar.is_workday(each)]
    assert len(between) == count
    assert count == 0 or calendar.is_workday(due)


@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2027, 1, 1), date(2027, 1, 2)])
def test_a_missing_year_is_an_error_that_names_it(calendar: BranchCalendar, day: date) -> None:
    for ask in (calendar.is_workday, calendar.is_trading_day, calendar.standing, calendar.closure_around):
        with pytest.raises(CalendarYearMissing, match="quanfu calendar import FILE") as caught:
            ask(day)
        assert caught.value.year == day.year


def test_walking_into_a_missing_year_is_an_error(calendar: BranchCalendar) -> None:
    with pytest.raises(CalendarYearMissing, match="2027"):
        calendar.next_trading_day(date(2026, 12, 31))
    with pytest.raises(CalendarYearMissing, match="2024"):
        calendar.previous_trading_day(date(2025, 1, 1))
    with pytest.raises(CalendarYearMissing, match="2027"):
        calendar.add_workdays(date(2026, 12, 15), 15)


def test_an_instant_is_not_taken_for_a_day(calendar: BranchCalendar) -> None:
    with pytest.raises(TypeError):
        calendar.is_workday(datetime(2026, 11, 23, tzinfo=UTC))
    with pytest.raises(ValueError, match="forward"):
        calendar.add_workdays(date(2026, 11, 23), -1)


@pytest.mark.parametrize("day", [date(2026, 2, 15), date(2026, 2, 17), date(2026, 2, 23)])
def test_closure_around_spring_festival(calendar: BranchCalendar, day: date) -> None:
    closure = calendar.closure_around(day)
    assert closure is not None
    assert (closure.name, closure.closed_from, closure.closed_to) == ("春节", date(2026, 2, 15), date(2026, 2, 23))
    assert closure.reopen_on == date(2026, 2, 24)


def test_closure_is_stated_as_announced_without_the_weekend_beside_it(calendar: BranchCalendar) -> None:
    closure = calendar.closure_around(date(2026, 1, 1))
    assert closure is not None
    assert (closure.closed_to, closure.reopen_on) == (date(2026, 1, 3), date(2026, 1, 5))
    assert calendar.closure_around(date(2026, 1, 4)) is None
    assert calendar.closure_around(date(2026, 11, 22)) is None


def test_closure_ahead_only_on_the_last_trading_day_before_it(calendar: BranchCalendar) -> None:
    ahead = [day for day in ALL_DAYS[365:-1] if calendar.closure_ahead(day)]
    expected = [(2, 13), (4, 3), (4, 30), (6, 18), (9, 24), (9, 30)]
    assert [(day.month, day.day) for day in ahead] == expected
    with pytest.raises(CalendarYearMissing):
        calendar.closure_ahead(date(2026, 12, 31))


def test_a_later_notice_stands_for_the_december_before() -> None:
    eve = DayRange("元旦", date(2026, 12, 31), date(2027, 1, 3))
    later = CalendarYear(2027, "test", (eve,), (eve,), ())
    calendar = BranchCalendar([later, *packaged_years()])
    assert not calendar.is_workday(date(2026, 12, 31))
    assert calendar.years == {2025, 2026, 2027}
