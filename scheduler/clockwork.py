"""APScheduler knocks; the database decides which run is due and who takes it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import BRANCH_ZONE, Clock
from bot.errors import DatabaseBusy, QuanfuError
from scheduler.timetable import Daily, Every, Job
from storage.leader import Leadership
from storage.repositories import job_runs
from storage.unit import Database

log = logging.getLogger(__name__)

CANDIDACY = timedelta(seconds=5)
"""How often a process tries to become, or checks to be still, the leader."""

AGAIN = timedelta(minutes=5)
"""How soon a daily run that failed is tried again."""


@dataclass
class Clockwork:
    """Runs the timetable in the one process that leads."""

    database: Database
    clock: Clock
    leadership: Leadership
    jobs: Sequence[Job]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _scheduler: AsyncIOScheduler | None = field(default=None, init=False)

    async def run(self) -> None:
        """Stand for leader until cancelled; keep the time while leading."""
        try:
            while True:
                leads = await asyncio.to_thread(self.leadership.take)
                if leads and self._scheduler is None:
                    self._begin()
                elif not leads:
                    self._end()
                await asyncio.sleep(CANDIDACY.total_seconds())
        finally:
            self._end()
            self.leadership.yield_up()

    def _begin(self) -> None:
        log.info("this process keeps the time")
        self._scheduler = AsyncIOScheduler(timezone=BRANCH_ZONE)
        for job in self.jobs:
            for trigger in _triggers(job):
                self._scheduler.add_job(self._knocked, trigger, [job], coalesce=True, misfire_grace_time=None)
            self._scheduler.add_job(self._knocked, args=[job], misfire_grace_time=None)  # at once: what was missed
        self._scheduler.start()

    def _end(self) -> None:
        if self._scheduler:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    async def _knocked(self, job: Job) -> None:
        """A knock of the scheduler's, which would log it as a fault of the job that the service ends meanwhile."""
        with suppress(asyncio.CancelledError):
            await self.knock(job)

    async def knock(self, job: Job) -> None:
        """Run what is due of one job."""
        now = self.clock.now()
        if isinstance(job.when, Every):
            await self._told(job, now)
            return
        for due_at in job.when.due(now):
            if await self._claimed(job, due_at):
                renewing = asyncio.create_task(self._renewed(job, due_at))
                try:
                    outcome = await self._told(job, due_at)
                finally:
                    renewing.cancel()
                await self._finished(job, due_at, outcome)

    async def _claimed(self, job: Job, due_at: datetime) -> bool:
        return await self.database.write(lambda unit: job_runs.claim(unit, job.name, due_at, self.clock.now()))

    async def _renewed(self, job: Job, due_at: datetime) -> None:
        """A run may take longer than one that was cut off is waited for: it is not begun a second time."""
        while True:
            await self.sleep(job_runs.RENEWAL.total_seconds())
            try:
                await self.database.write(lambda unit: job_runs.renew(unit, job.name, due_at, self.clock.now()))
            except DatabaseBusy as error:
                log.warning("job %s of %s not renewed: %s", job.name, due_at.isoformat(), error)

    async def _told(self, job: Job, due_at: datetime) -> tuple[str, str]:
        """Run a job; a fault of ours is logged and the run may be claimed again at the next knock."""
        try:
            return "done", await job.run(due_at)
        except QuanfuError as error:
            log.error("job %s of %s failed: %s", job.name, due_at.isoformat(), error)
            return "failed", str(error)

    async def _finished(self, job: Job, due_at: datetime, outcome: tuple[str, str]) -> None:
        state, detail = outcome
        await self.database.write(lambda unit: job_runs.finish(unit, job.name, due_at, state, detail, self.clock.now()))


def _triggers(job: Job) -> list[CronTrigger | IntervalTrigger]:
    """A daily job knocks at its hour, and again and again for a run that failed."""
    if isinstance(job.when, Daily):
        at = job.when.at
        return [
            CronTrigger(hour=at.hour, minute=at.minute, timezone=BRANCH_ZONE),
            IntervalTrigger(seconds=AGAIN.total_seconds(), timezone=BRANCH_ZONE),
        ]
    return [IntervalTrigger(seconds=job.when.span.total_seconds(), timezone=BRANCH_ZONE)]
