"""Complaints that were begun and never finished."""

from datetime import datetime, timedelta

from bot.clock import Clock
from scheduler.timetable import Every, Job
from services.intakes import Intakes
from storage.unit import Database


def job(database: Database, intakes: Intakes, clock: Clock) -> Job:
    """Open the tickets of intakes whose time is over."""

    async def run(_due_at: datetime) -> str:
        opened = 0
        while tickets := await database.write(lambda unit: intakes.register_due(unit, clock.now())):
            opened += len(tickets)
        return f"opened={opened}"

    return Job("intakes", Every(timedelta(seconds=60)), run)
