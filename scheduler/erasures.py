"""Nightly: what is left of erased clients goes on the day when it need not be kept any more."""

from datetime import datetime, time

from bot.clock import Clock
from scheduler.timetable import Daily, Job
from services.rights import erasure
from storage.unit import Database

AT = time(3, 20)
"""Before the night's removal of files, which takes what an erasure leaves to it."""


def job(database: Database, clock: Clock) -> Job:
    """Go on with what is due."""

    async def run(_due_at: datetime) -> str:
        return f"erased={await erasure.work(database, clock.now())}"

    return Job("erasures", Daily(AT), run)
