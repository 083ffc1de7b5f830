"""What managers did not answer in their time goes to everybody."""

from datetime import datetime, timedelta

from bot.clock import Clock
from scheduler.timetable import Every, Job
from services import personal_service
from storage.unit import Database


def job(database: Database, clock: Clock) -> Job:
    """Open conversations whose time of the first is over."""

    async def run(_due_at: datetime) -> str:
        return f"opened={await database.write(lambda unit: personal_service.lapse(unit, clock.now()))}"

    return Job("reservations", Every(timedelta(seconds=15)), run)
