"""The daily greetings."""

from datetime import datetime, timedelta

from bot.clock import branch_date
from scheduler.timetable import Daily, Job
from services.calendars import Calendars
from services.care import Care
from storage.unit import Database


def job(database: Database, care: Care, calendars: Calendars) -> Job:
    """Greet whose day it is; a missed day is caught up as long as its greetings hold."""

    async def run(due_at: datetime) -> str:
        await database.read(calendars.refresh)
        return f"new={await care.greet(database, branch_date(due_at))}"

    rules = care.delivery.rules
    return Job("care", Daily(rules.care_at, timedelta(days=rules.care_grace_days)), run)
