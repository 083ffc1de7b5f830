"""Business hours minute by minute, and deadlines day by day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import BRANCH_ZONE
from bot.errors import CalendarYearMissing
from services.calendar import (
    BranchCalendar,
    BusinessHours,
    CalendarYear,
    DayRange,
    Deadline,
    DeadlineRule,
    OpeningHours,
    Period,
    Workdays,
    WorkingTime,
    packaged_years,
)

HOURS = BusinessHours(BranchCalendar(packaged_years()))
RULE = DeadlineRule(HOURS)
MINUTE = timedelta(minutes=1)


def local(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BRANCH_ZONE).astimezone(UTC)


MINUTES_OF_THE_YEAR = st.integers(0, 333 * 24 * 60)
INSTANTS = MINUTES_OF_THE_YEAR.map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + MINUTE * minutes)


def open_by_the_rules(instant: datetime) -> bool:
    """The promise in words: trading days 9:00 to 11:30 and 13:00 to 17:00."""
    there = instant.astimezone(BRANCH_ZONE)
    morning = time(9) <= there.time() < time(11, 30)
    afternoon = time(13) <= there.time() < time(17)
    return HOURS.calendar.is_trading_day(there.date()) and (morning or afternoon)


@given(INSTANTS)
def test_is_open_follows_the_rules(instant: datetime) -> None:
    assert HOURS.is_open(instant) is open_by_the_rules(instant)


@pytest.mark.parametrize(("hour", "minute", "opened"), [(9, 0, True), (11, 30, False), (13, 0, True), (17, 0, False)])
def test_a_period_begins_at_its_opening_and_ends_before_its_closing(hour: int, minute: int, opened: bool) -> None:
    assert HOURS.is_open(local(11, 23, hour, minute)) is opened
    assert HOURS.is_open(local(11, 23, hour, minute) - MINUTE) is not opened


@given(INSTANTS)
def test_next_open_is_the_first_open_minute(instant: datetime) -> None:
    opening = HOURS.next_open(instant)
    assert open_by_the_rules(opening)
    assert opening == instant or not open_by_the_rules(opening - MINUTE)
    assert not any(open_by_the_rules(instant + MINUTE * 30 * n) for n in range(int((opening - instant) / MINUTE) // 30))


@given(INSTANTS, st.integers(1, 900))
def test_working_time_against_counting_minutes(instant: datetime, minutes: int) -> None:
    due = HOURS.add_working_time(instant, MINUTE * minutes)
    passed, counted = instant, 0
    while counted < minutes:
        counted += open_by_the_rules(passed)
        passed += MINUTE
    assert due == passed


def test_working_time_skips_lunch_night_and_holiday() -> None:
    assert HOURS.add_working_time(local(11, 23, 11), timedelta(hours=2)) == local(11, 23, 14, 30)
    assert HOURS.add_working_time(local(9, 30, 16), timedelta(hours=2)) == local(10, 8, 10)
    assert HOURS.add_working_time(local(11, 23, 16), timedelta(hours=1)) == local(11, 23, 17)
    with pytest.raises(ValueError, match="forward"):
        HOURS.add_working_time(local(11, 23, 16), timedelta(0))


def test_make_up_saturday_is_staffed_only_where_configured() -> None:
    staffed = BusinessHours(HOURS.calendar, OpeningHours(other_workdays=(Period.parse("10:00-12:00"),)))
    saturday = local(10, 10, 10, 30)
    assert not HOURS.is_open(saturday)
    assert HOURS.next_open(saturday) == local(10, 12, 9)
    assert staffed.is_open(saturday)
    assert staffed.next_open(local(10, 10, 12)) == local(10, 12, 9)


def test_days_off_can_be_staffed_too() -> None:
    on_call = BusinessHours(HOURS.calendar, OpeningHours(days_off=(Period.parse("20:00-21:00"),)))
    assert on_call.is_open(local(10, 1, 20, 30))


def test_hours_in_a_missing_year_are_an_error() -> None:
    with pytest.raises(CalendarYearMissing, match="2027"):
        HOURS.next_open(local(12, 31, 17))
    with pytest.raises(CalendarYearMissing, match="2027"):
        HOURS.is_open(datetime(2027, 1, 4, 2, tzinfo=UTC))


@pytest.mark.parametrize("text", ["11:30-09:00", "09:00-09:00", "09:00", "nine-ten"])
def test_periods_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Period.parse(text)


def test_periods_must_be_in_order() -> None:
    with pytest.raises(ValueError, match="overlap"):
        OpeningHours(trading_days=(Period.parse("09:00-12:00"), Period.parse("11:00-13:00")))
    with pytest.raises(ValueError, match="at least one"):
        OpeningHours(trading_days=())


@pytest.mark.parametrize(
    ("started_at", "days", "due"),
    [
        (local(11, 23, 10), 1, local(11, 24, 17)),
        (local(11, 23, 17), 1, local(11, 24, 17)),
        (local(11, 23, 17, 1), 1, local(11, 25, 17)),
        (local(11, 21, 10), 1, local(11, 24, 17)),
        (local(11, 23, 0, 5), 3, local(11, 26, 17)),
        (local(9, 29, 10), 3, local(10, 9, 17)),
        (local(10, 9, 10), 1, local(10, 10, 17)),
        (local(9, 30, 18), 1, local(10, 9, 17)),
    ],
)
def test_terms_in_working_days(started_at: datetime, days: int, due: datetime) -> None:
    assert RULE.settle(started_at, Workdays(days)).at == due


@given(INSTANTS, st.integers(1, 20))
def test_explanation_counts_exactly_the_term(instant: datetime, count: int) -> None:
    deadline = RULE.settle(instant, Workdays(count))
    days = RULE.explain(deadline)
    assert deadline.at is not None
    assert days[-1].day == deadline.at.astimezone(BRANCH_ZONE).date()
    assert [each.number for each in days if each.number is not None] == list(range(count + 1))
    assert all(each.standing.works for each in days if each.number is not None)


def test_explanation_names_holiday_and_make_up_day() -> None:
    days = RULE.explain(RULE.settle(local(9, 30, 18), Workdays(3)))
    told = [(each.day.day, each.standing.kind.value, each.standing.name, each.number) for each in days]
    assert told[0] == (30, "workday", "", None)
    assert told[1] == (1, "holiday", "国庆节", None)
    assert told[8:11] == [(8, "workday", "", 0), (9, "workday", "", 1), (10, "make_up", "国庆节", 2)]
    assert told[11:] == [(11, "weekend", "", None), (12, "workday", "", 3)]


@given(INSTANTS, st.integers(1, 900))
def test_explanation_of_hours_adds_up_to_the_term(instant: datetime, minutes: int) -> None:
    days = RULE.explain(RULE.settle(instant, WorkingTime(MINUTE * minutes)))
    assert sum((each.worked for each in days), timedelta(0)) == MINUTE * minutes


def test_a_deadline_into_a_missing_year_names_it() -> None:
    deadline = RULE.settle(local(12, 15, 10), Workdays(15))
    assert (deadline.at, deadline.missing_year) == (None, 2027)
    days = RULE.explain(deadline)
    assert (days[-1].day, days[-1].number) == (date(2026, 12, 31), 12)
    assert RULE.explain(RULE.settle(local(12, 31, 16), WorkingTime(MINUTE * 90)))[-1].worked == MINUTE * 60


def test_it_is_settled_once_the_year_is_there() -> None:
    new_year = (DayRange("fictional", date(2027, 1, 1), date(2027, 1, 3)),)
    imported = CalendarYear(2027, "fictional", new_year, new_year, ())
    open_deadline = RULE.settle(local(12, 15, 10), Workdays(15))
    rule = DeadlineRule(BusinessHours(BranchCalendar([*packaged_years(), imported])))
    settled = rule.settle(open_deadline.started_at, open_deadline.term)
    assert settled.at == datetime(2027, 1, 6, 17, tzinfo=BRANCH_ZONE)


def test_a_start_in_a_missing_year_is_still_registered() -> None:
    deadline = RULE.settle(datetime(2027, 3, 1, 2, tzinfo=UTC), Workdays(1))
    assert deadline.missing_year == 2027
    assert RULE.explain(deadline) == ()


def test_a_deadline_is_either_known_or_names_its_year() -> None:
    with pytest.raises(ValueError, match="names the year"):
        Deadline(local(11, 23, 10), Workdays(1))
    with pytest.raises(ValueError, match="at least one"):
        Workdays(0)
