"""The clock knocks as often as it likes; the database decides what is run."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import BRANCH_ZONE, MovableClock, branch_time
from bot.errors import DatabaseBusy
from scheduler.clockwork import Clockwork
from scheduler.timetable import Daily, Every, Job
from storage.repositories import job_runs
from storage.unit import Database

HALF_PAST_NINE = time(9, 30)
MONDAY = datetime(2026, 11, 23, tzinfo=BRANCH_ZONE)


@dataclass
class Ledger:
    """A job that keeps when it was run, and fails as often as told."""

    ran: list[datetime] = field(default_factory=list)
    failures: int = 0

    async def run(self, due_at: datetime) -> str:
        self.ran.append(due_at)
        if self.failures:
            self.failures -= 1
            raise DatabaseBusy("no turn")
        return "done"


class Leads:
    """Leads as long as it is told to."""

    def __init__(self) -> None:
        self.leads = True

    def take(self) -> bool:
        return self.leads

    def yield_up(self) -> None:
        self.leads = False


def daily(ledger: Ledger, grace: int = 1) -> Job:
    return Job("care", Daily(HALF_PAST_NINE, timedelta(days=grace)), ledger.run)


def work(database: Database, clock: MovableClock, *jobs: Job) -> Clockwork:
    return Clockwork(database, clock, Leads(), jobs)


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return MONDAY.replace(day=day, hour=hour, minute=minute)


async def test_knocking_twice_runs_once(database: Database) -> None:
    ledger, clock = Ledger(), MovableClock(at(9, 30))
    job = daily(ledger, grace=0)
    for _ in range(3):
        await work(database, clock, job).knock(job)
    assert ledger.ran == [at(9, 30)]


async def test_nothing_is_run_before_its_time(database: Database) -> None:
    ledger, clock = Ledger(), MovableClock(at(9, 29))
    job = daily(ledger, grace=0)
    await work(database, clock, job).knock(job)
    assert ledger.ran == []


async def test_a_missed_day_is_caught_up_within_the_grace_and_the_oldest_first(database: Database) -> None:
    ledger, clock = Ledger(), MovableClock(at(9, 30, day=20))
    job = daily(ledger)
    await work(database, clock, job).knock(job)
    clock.set(at(10, day=23))
    await work(database, clock, job).knock(job)
    assert ledger.ran == [at(9, 30, day=19), at(9, 30, day=20), at(9, 30, day=22), at(9, 30, day=23)]


async def test_a_failed_run_is_run_again_at_the_next_knock(database: Database) -> None:
    ledger, clock = Ledger(failures=1), MovableClock(at(9, 30))
    job = daily(ledger, grace=0)
    for _ in range(3):
        await work(database, clock, job).knock(job)
    assert ledger.ran == [at(9, 30)] * 2
    assert await database.read(lambda unit: job_runs.done(unit, "care", at(0))) == {at(9, 30)}


async def test_several_machines_run_it_once(database: Database) -> None:
    ledger, clock = Ledger(), MovableClock(at(9, 30))
    job = daily(ledger, grace=0)
    await asyncio.gather(*[work(database, clock, job).knock(job) for _ in range(4)])
    assert ledger.ran == [at(9, 30)]


async def test_a_long_run_is_not_begun_anew_while_it_goes_on(database: Database) -> None:
    ledger, clock, over = Ledger(), MovableClock(at(9, 30)), asyncio.Event()

    async def long(due_at: datetime) -> str:
        await ledger.run(due_at)
        await over.wait()
        return "done"

    job = Job("care", Daily(HALF_PAST_NINE), long)
    first, other = work(database, clock, job), work(database, clock, job)

    async def minutes(seconds: float) -> None:
        """Time goes by; somebody else looks, and at last the run comes to its end."""
        clock.move(timedelta(seconds=seconds))
        await other.knock(job)
        if clock.now() >= at(10):
            over.set()
            await asyncio.Event().wait()

    first.sleep = minutes
    await asyncio.wait_for(first.knock(job), 10)
    assert ledger.ran == [at(9, 30)]
    assert await database.read(lambda unit: job_runs.done(unit, "care", at(0))) == {at(9, 30)}


async def test_a_job_of_every_few_seconds_is_run_at_every_knock_and_survives_its_fault(database: Database) -> None:
    ledger, clock = Ledger(failures=1), MovableClock(at(9))
    job = Job("broadcasts", Every(timedelta(seconds=10)), ledger.run)
    for _ in range(2):
        await work(database, clock, job).knock(job)
    assert len(ledger.ran) == 2


async def test_a_job_that_the_end_interrupts_is_no_fault(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    begun = asyncio.Event()

    async def run(_due_at: datetime) -> str:
        begun.set()
        await asyncio.Event().wait()
        return ""

    clockwork = work(database, MovableClock(at(10)), Job("care", Daily(HALF_PAST_NINE), run))
    ours = asyncio.all_tasks()
    task = asyncio.create_task(clockwork.run())
    await asyncio.wait_for(begun.wait(), 10)
    task.cancel()
    await asyncio.wait(asyncio.all_tasks() - ours, timeout=10)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("apscheduler")] == []


async def test_only_the_leader_knocks_and_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.clockwork.CANDIDACY", timedelta(milliseconds=10))
    ran = asyncio.Event()

    async def run(_due_at: datetime) -> str:
        ran.set()
        return ""

    clockwork = work(database, MovableClock(at(10)), Job("care", Daily(HALF_PAST_NINE), run))
    leads = clockwork.leadership
    assert isinstance(leads, Leads)
    leads.leads = False
    task = asyncio.create_task(clockwork.run())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ran.wait(), 0.1)
    leads.leads = True
    await asyncio.wait_for(ran.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not leads.leads


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants naive bounds
    st.times(),
    st.integers(0, 5),
)
def test_what_is_due_lies_in_the_grace_and_is_the_branchs_time(now: datetime, hour: time, grace: int) -> None:
    due = Daily(hour, timedelta(days=grace)).due(now)
    assert due == sorted(due)
    assert all(instant <= now and branch_time(instant).time() == hour for instant in due)
    assert len(due) in (grace, grace + 1)
