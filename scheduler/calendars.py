"""Asks for the calendar of the next year while there is time to import it."""

import logging
from datetime import datetime, time

from prometheus_client import Gauge

from bot.clock import Clock
from scheduler.timetable import Daily, Job
from services.calendars import Calendars, wanting
from storage.unit import Database

log = logging.getLogger(__name__)

AT = time(9, 0)
MISSING = Gauge("quanfu_calendar_years_missing", "Calendar years that should have been imported by now")


def job(database: Database, calendars: Calendars, clock: Clock) -> Job:
    """Warn every morning as long as a year is wanting."""

    async def run(_due_at: datetime) -> str:
        await database.read(calendars.refresh)
        years = wanting(calendars.current(), clock.now())
        MISSING.set(len(years))
        for year in years:
            log.warning("no calendar of %d has been imported; quanfu calendar import FILE", year)
        return f"missing={','.join(map(str, years))}"

    return Job("calendars", Daily(AT), run)
