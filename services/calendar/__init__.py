"""The branch's calendar: working and trading days, business hours, deadlines, lunar dates, occasions.

Pure: no database, no clock. Years come from imported files (`read_year`, `packaged_years`).
"""

from bot.errors import CalendarYearMissing
from services.calendar.branch import BranchCalendar, Closure
from services.calendar.deadlines import CountedDay, Deadline, DeadlineRule, Term, Workdays, WorkingTime
from services.calendar.hours import BusinessHours, OpeningHours, Period
from services.calendar.lunar import (
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
from services.calendar.occasions import Audience, MourningDay, Occasion, Occasions, occasions_on
from services.calendar.yearcheck import FaultKind, statutory_days
from services.calendar.yearfile import CalendarFault, packaged_years, read_year
from services.calendar.years import CalendarYear, DayKind, DayRange, Standing

__all__ = [
    "Audience",
    "BranchCalendar",
    "BusinessHours",
    "CalendarFault",
    "CalendarYear",
    "CalendarYearMissing",
    "Closure",
    "CountedDay",
    "DayKind",
    "DayRange",
    "Deadline",
    "DeadlineRule",
    "FaultKind",
    "LeapRule",
    "LunarDate",
    "LunarDay",
    "MourningDay",
    "Occasion",
    "Occasions",
    "OpeningHours",
    "Period",
    "Standing",
    "Term",
    "Workdays",
    "WorkingTime",
    "birthday_in",
    "birthday_key_year",
    "birthday_on",
    "birthdays_on",
    "lunar_of",
    "occasions_on",
    "packaged_years",
    "read_year",
    "solar_in",
    "solar_of",
    "statutory_days",
]
