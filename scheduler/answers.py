"""What became of questions is summed up for the statistics."""

from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock
from scheduler.timetable import Every, Job
from storage.repositories import answer_sums
from storage.unit import Database

EVERY = timedelta(seconds=60)
SETTLED = timedelta(seconds=30)
"""Longer than any transaction in which a reply is stored."""


def job(database: Database, clock: Clock) -> Job:
    """Add what was said since the last run."""

    async def run(_due_at: datetime) -> str:
        counted, settled = 0, clock.now() - SETTLED
        while (stretch := await database.read(lambda unit: answer_sums.following(unit, settled))) is not None:
            if await database.write(partial(answer_sums.add, stretch=stretch, at=settled)):
                counted += sum(stretch.numbers.values())
        return f"counted={counted}"

    return Job("answers", Every(EVERY), run)
