"""Brings what follows from holdings and chats up to date, before anybody is greeted or written to."""

from datetime import datetime, time

from bot.clock import Clock, branch_date
from scheduler.timetable import Daily, Job
from services import engagement
from services.holdings import figures
from storage.unit import Database

AT = time(6, 30)
"""Counter systems have told the day before by then."""


def job(database: Database, clock: Clock) -> Job:
    """Reckon for those clients whose statements changed, and count the days that are over."""

    async def run(due_at: datetime) -> str:
        clients = await figures.refresh(database, clock.now())
        days = await engagement.count(database, branch_date(due_at))
        return f"clients={clients} days={days}"

    return Job("figures", Daily(AT), run)
