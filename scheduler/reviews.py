"""Reminds staff every morning of answers that somebody has to look at again."""

import logging
from datetime import datetime, time

from prometheus_client import Gauge

from bot.clock import Clock, branch_date
from scheduler.timetable import Daily, Job
from services.knowledge import reviews
from storage.unit import Database

log = logging.getLogger(__name__)

AT = time(9, 10)
"""WeCom, by whose app staff are told, asks for nothing at minute 0 and 30."""
OVERDUE = Gauge("quanfu_answers_overdue", "Published answers whose day of review has come")


def job(database: Database, clock: Clock) -> Job:
    """Tell how many there are, as long as there are any."""

    async def run(_due_at: datetime) -> str:
        number = await database.write(lambda unit: reviews.remind(unit, branch_date(clock.now())))
        OVERDUE.set(number)
        if number:
            log.warning("%d published answers are to be looked at again", number)
        return f"overdue={number}"

    return Job("reviews", Daily(AT), run)
