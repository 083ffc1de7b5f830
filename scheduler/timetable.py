"""Every job of the clock in one table, and which of its runs are due."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.clock import BRANCH_ZONE, branch_date


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day at a time of the branch's wall clock; a missed day may be caught up within `grace`."""

    at: time
    grace: timedelta = timedelta(0)

    def due(self, now: datetime) -> list[datetime]:
        """Today's instant if it has come, and the earlier ones within the grace; oldest first."""
        today = branch_date(now)
        days = [today - timedelta(days=back) for back in range(self.grace.days + 1)]
        instants = [datetime.combine(day, self.at, BRANCH_ZONE) for day in reversed(days)]
        return [instant for instant in instants if instant <= now]


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again; the job itself finds what is due, so its runs leave no row."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable; `run` gets the instant it was due and says in a word what it did."""

    name: str
    when: Daily | Every
    run: Callable[[datetime], Awaitable[str]]
