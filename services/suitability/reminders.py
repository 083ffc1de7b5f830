"""Tells clients before their assessment ends, and on the day after: 30, 7 and 1 days ahead, each once."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from bot.clock import BRANCH_ZONE
from bot.vocabulary import Purpose
from services.delivery.submission import Submission, Submit, ToClient
from storage.repositories import assessments as rows
from storage.repositories import deliveries
from storage.repositories.assessments import Ending
from storage.unit import Database, Unit

AT = time(9, 40)
"""After the greetings, at an hour at which a person can be asked."""

CHUNK = 100
"""Clients in one transaction."""

STAGES = {30: 7, 7: 1, 1: -1, -1: -31}
"""Days before the last day at which a client is told, and when that notice has come too late: at the next one."""

ANEW = "assessed_anew"
"""Under `rule` of a notice that was called back."""


@dataclass(frozen=True)
class Reminders:
    """Submits the notices of a day; through the gate they go as everything does."""

    submit: Submit

    async def remind(self, database: Database, on: date) -> int:
        """A day's notices; returns how many are new. It may be broken off and done again at any time."""
        new = after = 0
        while True:
            last, submitted = await database.write(partial(self._chunk, on=on, after=after))
            if last is None:
                return new
            after, new = last, new + submitted

    def _chunk(self, unit: Unit, on: date, after: int) -> tuple[int | None, int]:
        """The next clients; the last of them, and how many notices were new."""
        days = {on + timedelta(days=stage): stage for stage in STAGES}
        found = rows.ending(unit, days, after, CHUNK)
        made = [self.submit(unit, _notice(one, days[one.valid_until], on)) for one in found]
        return found[-1].client_id if found else None, sum(each.new for each in made)


def withdraw(unit: Unit, client_id: int, valid_until: date, now: datetime) -> int:
    """Call back what has not gone out of an assessment's end: there is a new one. Returns how many."""
    return deliveries.cancel(unit, [_key(client_id, valid_until, stage) for stage in STAGES], ANEW, now)


def _key(client_id: int, valid_until: date, stage: int) -> str:
    return f"assessment:{client_id}:{valid_until}:{stage}"


def _notice(one: Ending, stage: int, on: date) -> Submission:
    """What a client is told at a stage; the same key whatever day it is made up for."""
    said = {"date": one.valid_until.isoformat()} if stage > 0 else {}
    return Submission(
        key=_key(one.client_id, one.valid_until, stage),
        purpose=Purpose.SERVICE_NOTICE,
        to=ToClient(one.client_id),
        text_key="risk_expiring" if stage > 0 else "risk_expired",
        parameters=said,
        personal=frozenset(said),
        not_before=datetime.combine(on, AT, BRANCH_ZONE),
        expires_at=datetime.combine(one.valid_until - timedelta(days=STAGES[stage]), AT, BRANCH_ZONE),
    )
