"""The one source of time, so that tests can move it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

BRANCH_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


@dataclass
class MovableClock:
    """A clock that stands still until it is moved."""

    instant: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 2, 0, tzinfo=UTC))

    def now(self) -> datetime:
        """The instant it was last moved to."""
        return self.instant

    def move(self, by: timedelta) -> None:
        """Go forward by a span."""
        self.instant += by

    def set(self, instant: datetime) -> None:
        """Go to an aware instant."""
        self.instant = instant.astimezone(UTC)


def branch_time(instant: datetime) -> datetime:
    """The same instant as the branch's wall clock shows it."""
    return instant.astimezone(BRANCH_ZONE)


def branch_date(instant: datetime) -> date:
    """The calendar day at the branch."""
    return branch_time(instant).date()


def next_midnight(now: datetime) -> datetime:
    """When the branch's day ends, which is also that of the platforms in China."""
    today = branch_time(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
