"""Runs of the timetable's daily jobs: who claims (job, due_at) first, runs it."""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update

from storage.models import JobRunRow
from storage.unit import Unit
from storage.upserts import insertion

ABANDONED = timedelta(minutes=15)
"""A run begun, or renewed, so long ago without an end was cut off and may be claimed again."""

RENEWAL = timedelta(minutes=5)
"""How often a run that goes on says so."""


def claim(unit: Unit, job: str, due_at: datetime, now: datetime) -> bool:
    """Claim a run; False when it was done, or somebody is at it."""
    first = insertion(unit, JobRunRow).values(job=job, due_at=due_at, state="running", started_at=now)
    taken = first.on_conflict_do_nothing(index_elements=["job", "due_at"]).returning(JobRunRow.job)
    if unit.session.execute(taken).first() is not None:
        return True
    again = or_(JobRunRow.state == "failed", and_(JobRunRow.state == "running", JobRunRow.started_at < now - ABANDONED))
    retaken = unit.session.execute(
        update(JobRunRow)
        .where(JobRunRow.job == job, JobRunRow.due_at == due_at, again)
        .values(state="running", started_at=now)
        .returning(JobRunRow.job)
    )
    return retaken.first() is not None


def renew(unit: Unit, job: str, due_at: datetime, now: datetime) -> None:
    """The run goes on: nobody else may claim it yet."""
    ours = (JobRunRow.job == job, JobRunRow.due_at == due_at, JobRunRow.state == "running")
    unit.session.execute(update(JobRunRow).where(*ours).values(started_at=now))


def finish(unit: Unit, job: str, due_at: datetime, state: str, detail: str, now: datetime) -> None:
    """Note how a run ended: `done` or `failed`."""
    unit.session.execute(
        update(JobRunRow)
        .where(JobRunRow.job == job, JobRunRow.due_at == due_at)
        .values(state=state, ended_at=now, detail=detail)
    )


def done(unit: Unit, job: str, since: datetime) -> set[datetime]:
    """The due instants of a job that were run to the end."""
    found = select(JobRunRow.due_at).where(JobRunRow.job == job, JobRunRow.due_at >= since, JobRunRow.state == "done")
    return set(unit.session.scalars(found))
