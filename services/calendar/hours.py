"""Business hours: several periods a day, by the kind of day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from bot.clock import BRANCH_ZONE, branch_date
from services.calendar.branch import DAY, BranchCalendar


@dataclass(frozen=True, slots=True)
class Period:
    """Open from `opens` up to, not including, `closes`; branch wall clock."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"{self.opens} is not before {self.closes}")

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `09:00-11:30`."""
        opens, _, closes = text.partition("-")
        return cls(time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip()))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of aware UTC time, end not included."""

    start: datetime
    end: datetime


DEFAULT_PERIODS = (Period(time(9), time(11, 30)), Period(time(13), time(17)))


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The periods of each kind of day, in order and without overlap.

    `other_workdays` are those on which the market is closed: make-up weekends, and the rare weekday
    that only the exchanges take off. By default the desk is staffed on trading days alone.
    """

    trading_days: tuple[Period, ...] = DEFAULT_PERIODS
    other_workdays: tuple[Period, ...] = ()
    days_off: tuple[Period, ...] = ()

    def __post_init__(self) -> None:
        if not self.trading_days:
            raise ValueError("a trading day needs at least one period")
        for periods in (self.trading_days, self.other_workdays, self.days_off):
            if any(earlier.closes > later.opens for earlier, later in pairwise(periods)):
                raise ValueError("periods overlap or are out of order")


@dataclass(frozen=True)
class BusinessHours:
    """Opening hours on a branch calendar; a missing year raises CalendarYearMissing."""

    calendar: BranchCalendar
    opening: OpeningHours = OpeningHours()

    def spans(self, day: date) -> tuple[Span, ...]:
        """The open stretches of a branch day, in order."""
        return tuple(Span(at(day, each.opens), at(day, each.closes)) for each in self._periods(day))

    def is_open(self, instant: datetime) -> bool:
        """Whether staff are there at this instant."""
        return any(span.start <= instant < span.end for span in self.spans(branch_date(instant)))

    def next_open(self, instant: datetime) -> datetime:
        """This instant if open, otherwise the next opening; UTC."""
        return next(self._open_from(instant)).start

    def add_working_time(self, instant: datetime, span: timedelta) -> datetime:
        """When this much open time has passed, UTC; a full period ends at its closing, not at the next opening."""
        if span <= timedelta(0):
            raise ValueError("working time is added forward")
        stretches = self._open_from(instant)
        stretch = next(stretches)
        while span > stretch.end - stretch.start:
            span -= stretch.end - stretch.start
            stretch = next(stretches)
        return stretch.start + span

    def working_time(self, day: date, since: datetime, until: datetime) -> timedelta:
        """The open time of a branch day that lies between two instants."""
        cut = ((max(span.start, since), min(span.end, until)) for span in self.spans(day))
        return sum((end - start for start, end in cut if end > start), timedelta(0))

    def _periods(self, day: date) -> tuple[Period, ...]:
        if self.calendar.is_trading_day(day):
            return self.opening.trading_days
        return self.opening.other_workdays if self.calendar.is_workday(day) else self.opening.days_off

    def _open_from(self, instant: datetime) -> Iterator[Span]:
        """All open time from an instant on; ends only by CalendarYearMissing."""
        day = branch_date(instant)
        while True:
            for span in self.spans(day):
                if span.end > instant:
                    yield Span(max(span.start, instant.astimezone(UTC)), span.end)
            day += DAY


def at(day: date, moment: time) -> datetime:
    """The instant of a wall-clock time at the branch, in UTC."""
    return datetime.combine(day, moment, BRANCH_ZONE).astimezone(UTC)
