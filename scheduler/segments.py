"""How many clients every segment has is kept once a day."""

from datetime import datetime, time
from functools import partial

from bot.clock import branch_date
from scheduler.timetable import Daily, Job
from services.segments import trends
from storage.repositories import segment_counts
from storage.unit import Database

AT = time(2, 40)


def job(database: Database) -> Job:
    """Count all, a few at a time: nobody waits for the whole."""

    async def run(due_at: datetime) -> str:
        on = branch_date(due_at)
        meanings = list((await database.read(trends.known)).items())
        for start in range(0, len(meanings), trends.AT_ONCE):
            part = dict(meanings[start : start + trends.AT_ONCE])
            numbers = await database.read(partial(trends.count, meanings=part, today=on))
            await database.write(partial(segment_counts.keep, numbers=numbers, on=on))
        return f"segments={len(meanings)}"

    return Job("segments", Daily(AT), run)
