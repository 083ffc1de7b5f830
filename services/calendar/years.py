"""What the authorities announced for one year: the unit in which calendars are imported."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class DayRange:
    """Announced days, both ends included; `name` is the holiday as the notice calls it."""

    name: str
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def days(self) -> Iterator[date]:
        """Every day of the range, in order."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """Days off and make-up working days (State Council), closed market days (exchanges).

    The lists are separate because they differ: an exchange may close on a working day, and a make-up
    weekend is worked but never traded. Ranges may begin in December of the year before, since a notice
    for New Year sometimes reaches back.
    """

    year: int
    source: str
    days_off: tuple[DayRange, ...]
    market_closed: tuple[DayRange, ...]
    make_up_workdays: tuple[DayRange, ...]


class DayKind(StrEnum):
    """Why a day is, or is not, a working day; the value names the reader's text."""

    WORKDAY = "workday"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Standing:
    """A day's kind, with the holiday's name where one is the reason."""

    kind: DayKind
    name: str = ""

    @property
    def works(self) -> bool:
        """Whether it counts as a working day."""
        return self.kind in (DayKind.WORKDAY, DayKind.MAKE_UP)
