"""The branch's days: working days for deadlines and the counter, trading days for the market.

Nothing is ever guessed: a day of a year that has not been imported raises CalendarYearMissing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.errors import CalendarYearMissing
from services.calendar.years import CalendarYear, DayKind, DayRange, Standing

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Closure:
    """An announced closure of the market and the trading day that follows it."""

    name: str
    closed_from: date
    closed_to: date
    reopen_on: date


class BranchCalendar:
    """Several imported years seen as one calendar.

    Where two years speak of the same December day, the later year's notice stands.
    """

    def __init__(self, years: Iterable[CalendarYear]) -> None:
        ordered = sorted(years, key=lambda each: each.year)
        self._years = frozenset(each.year for each in ordered)
        self._standings: dict[date, Standing] = {}
        self._closures: dict[date, DayRange] = {}
        for each in ordered:
            self._add(each)

    @property
    def years(self) -> frozenset[int]:
        """The years that have been imported."""
        return self._years

    def standing(self, day: date) -> Standing:
        """Why the day is, or is not, a working day."""
        self._require(day)
        ordinary = DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY
        return self._standings.get(day, Standing(ordinary))

    def is_workday(self, day: date) -> bool:
        """Monday to Friday without days off, and make-up weekends."""
        return self.standing(day).works

    def is_trading_day(self, day: date) -> bool:
        """Monday to Friday without the days the exchanges announced as closed."""
        self._require(day)
        return day.weekday() < SATURDAY and day not in self._closures

    def next_workday(self, day: date) -> date:
        """The first working day after this day."""
        return _walk(day, DAY, self.is_workday)

    def next_trading_day(self, day: date) -> date:
        """The first trading day after this day."""
        return _walk(day, DAY, self.is_trading_day)

    def previous_trading_day(self, day: date) -> date:
        """The last trading day before this day."""
        return _walk(day, -DAY, self.is_trading_day)

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th working day after this day, which itself is not counted; 0 is the day itself."""
        if count < 0:
            raise ValueError("working days are counted forward")
        for _ in range(count):
            day = self.next_workday(day)
        return day

    def closure_around(self, day: date) -> Closure | None:
        """The announced closure that holds this day, in the words of the notice: weekends beside it are not
        part of it. None on a day without one, an ordinary weekend too."""
        self._require(day)
        closed = self._closures.get(day)
        if closed is None:
            return None
        return Closure(closed.name, closed.first, closed.last, self.next_trading_day(closed.last))

    def closure_ahead(self, day: date) -> Closure | None:
        """The announced closure that this day is the last trading day before; None on all other days."""
        if not self.is_trading_day(day):
            return None
        ahead = self.next_trading_day(day)
        between = (day + DAY * n for n in range(1, (ahead - day).days))
        return next((closure for each in between if (closure := self.closure_around(each))), None)

    def _add(self, year: CalendarYear) -> None:
        for kind, ranges in ((DayKind.HOLIDAY, year.days_off), (DayKind.MAKE_UP, year.make_up_workdays)):
            for announced in ranges:
                self._standings.update(dict.fromkeys(announced.days(), Standing(kind, announced.name)))
        for announced in year.market_closed:
            self._closures.update(dict.fromkeys(announced.days(), announced))

    def _require(self, day: date) -> None:
        if isinstance(day, datetime):  # it would match no date and pass for an ordinary day
            raise TypeError("a calendar day is wanted, not an instant")
        if day.year not in self._years:
            raise CalendarYearMissing(day.year)


def _walk(day: date, step: timedelta, wanted: Callable[[date], bool]) -> date:
    day += step
    while not wanted(day):
        day += step
    return day
