"""Promised times, and why they are what they are.

A term in working days counts make-up weekends and ends at the cut-off of its last day. What is registered
after the cut-off, or on a day off, counts as registered on the next working day.
A complaint must be registered even where the calendar of the year it reaches into has not been imported:
the deadline then has no time yet but names the missing year, and `settle` again after the import fills it in.
Until then nothing is promised, since a guessed date would be a promise too.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.clock import branch_date, branch_time
from bot.errors import CalendarYearMissing
from services.calendar.branch import DAY
from services.calendar.hours import BusinessHours, at
from services.calendar.years import Standing


@dataclass(frozen=True, slots=True)
class Workdays:
    """A term of whole working days, at least one."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("a term is at least one working day")


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """A term of open hours."""

    span: timedelta


Term = Workdays | WorkingTime


@dataclass(frozen=True, slots=True)
class Deadline:
    """A term from a start: `at` (UTC) is when it ends, or `missing_year` the calendar still to be imported.

    Exactly one of the two is set.
    """

    started_at: datetime
    term: Term
    at: datetime | None = None
    missing_year: int | None = None

    def __post_init__(self) -> None:
        if (self.at is None) == (self.missing_year is None):
            raise ValueError("a deadline has a time or names the year it misses")


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day of the calculation.

    `number` is its place among the counted working days (0 for the day the term counts from, None for a day
    that does not count); `worked` is the open time taken from it, for a term of working time.
    """

    day: date
    standing: Standing
    number: int | None = None
    worked: timedelta = timedelta(0)


@dataclass(frozen=True)
class DeadlineRule:
    """How the branch counts: its business hours, and the wall-clock time after which a day is over."""

    hours: BusinessHours
    cut_off: time = time(17)

    def settle(self, started_at: datetime, term: Term) -> Deadline:
        """The deadline of a term; never raises for a missing year."""
        try:
            return Deadline(started_at, term, at=self._due(started_at, term))
        except CalendarYearMissing as missing:
            return Deadline(started_at, term, missing_year=missing.year)

    def explain(self, deadline: Deadline) -> tuple[CountedDay, ...]:
        """Every day from the start to the end, counted or not and why; up to the missing year where one is."""
        days = _days(deadline)
        if isinstance(deadline.term, Workdays):
            return self._explain_workdays(deadline.started_at, days)
        return tuple(self._explain_hours(day, deadline) for day in days)

    def counts_from(self, started_at: datetime) -> date:
        """The working day that counts as the day of registration."""
        local = branch_time(started_at)
        today = local.date()
        if local.time() <= self.cut_off and self.hours.calendar.is_workday(today):
            return today
        return self.hours.calendar.next_workday(today)

    def _due(self, started_at: datetime, term: Term) -> datetime:
        if isinstance(term, WorkingTime):
            return self.hours.add_working_time(started_at, term.span)
        last = self.hours.calendar.add_workdays(self.counts_from(started_at), term.count)
        return at(last, self.cut_off)

    def _explain_workdays(self, started_at: datetime, days: tuple[date, ...]) -> tuple[CountedDay, ...]:
        counted: list[CountedDay] = []
        number = -1
        for index, day in enumerate(days):
            standing = self.hours.calendar.standing(day)
            late = index == 0 and branch_time(started_at).time() > self.cut_off
            counts = standing.works and not late
            number += counts
            counted.append(CountedDay(day, standing, number if counts else None))
        return tuple(counted)

    def _explain_hours(self, day: date, deadline: Deadline) -> CountedDay:
        until = deadline.at or at(day + DAY, time(0))
        worked = self.hours.working_time(day, deadline.started_at, until)
        return CountedDay(day, self.hours.calendar.standing(day), worked=worked)


def _days(deadline: Deadline) -> tuple[date, ...]:
    """The branch days from start to end, both included; the missing year's days left out."""
    first = branch_date(deadline.started_at)
    if deadline.at is not None:
        last = branch_date(deadline.at)
    else:
        last = date(deadline.missing_year or first.year, 1, 1) - DAY
    return tuple(first + DAY * n for n in range((last - first).days + 1))
