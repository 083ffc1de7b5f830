"""Nightly: what nobody needs any more goes."""

from datetime import datetime, time, timedelta

from bot.clock import Clock, branch_date
from scheduler.timetable import Daily, Job
from services.holdings import retention
from services.integrations.once import KEPT as ANSWERS_KEPT
from services.staff import LONGEST
from storage.repositories import housekeeping, sign_ins, staff
from storage.unit import Database, Unit

AT = time(3, 30)
FORM_KEYS_KEPT = timedelta(days=1)
"""So long a form sent twice still leads to its first result."""

TRIES_KEPT = timedelta(days=1)


def job(database: Database, clock: Clock) -> Job:
    """Remove old sign-ins, form keys, answers of the JSON API, expired channel state and days long past of clients."""

    def tidy(unit: Unit) -> None:
        now = clock.now()
        staff.forget_sessions(unit, now - LONGEST)
        sign_ins.forget_before(unit, now - TRIES_KEPT)
        housekeeping.forget_form_keys(unit, now - FORM_KEYS_KEPT)
        housekeeping.forget_api_answers(unit, now - ANSWERS_KEPT)
        housekeeping.forget_channel_state(unit, now)

    async def run(due_at: datetime) -> str:
        await database.write(tidy)
        return f"tidied days={await retention.thin(database, branch_date(due_at))}"

    return Job("housekeeping", Daily(AT), run)
