"""Reminds clients of the end of their risk assessment."""

from datetime import datetime, timedelta

from bot.clock import branch_date
from scheduler.timetable import Daily, Job
from services.suitability.reminders import AT, Reminders
from storage.unit import Database

GRACE = timedelta(days=3)
"""So many missed days are made up for; each notice goes out once all the same."""


def job(database: Database, reminders: Reminders) -> Job:
    """Submit the notices of the day that was due."""

    async def run(due_at: datetime) -> str:
        return f"new={await reminders.remind(database, branch_date(due_at))}"

    return Job("assessments", Daily(AT, GRACE), run)
