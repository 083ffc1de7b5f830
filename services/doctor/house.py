"""What can be seen of the service itself: database, keys, files, what waits, the calendar."""

import os
import shutil
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.clock import Clock, branch_date
from bot.errors import StorageError
from bot.vocabulary import DeliveryState
from bot.vocabulary.health import Observation, Remark
from services.calendars import Calendars, wanting
from storage.repositories import condition, counts
from storage.unit import Database, Unit

LOW, FULL = 1_000_000_000, 100_000_000
"""Bytes that are free."""

SWOLLEN = 256_000_000
"""Bytes of the write-ahead log; it is written back at some four million."""

LATE, STUCK = timedelta(minutes=5), timedelta(minutes=30)
A_DAY = timedelta(days=1)
OTHERS_MAY_READ = 0o044
OTHERS_MAY = 0o077


def room(path: Path, about: str = "") -> Observation:
    """What is free at a path; `about` says what lies there."""
    free = shutil.disk_usage(path).free
    remark = Remark.DISK_FULL if free < FULL else Remark.DISK_LOW if free < LOW else Remark.DISK_AMPLE
    return Observation(remark, {"path": str(path), "free": f"{free / 1e9:.1f}"}, about)


@dataclass(frozen=True)
class Files:
    """Where things lie: the SQLite file and the key file if they are used, the settings file, the working folder."""

    folder: Path
    database: Path | None = None
    key: Path | None = None
    settings: Path | None = None

    async def check(self) -> AsyncGenerator[Observation, None]:
        """Whether files are safe from others, can be written, and have room."""
        if self.key and self.key.exists() and (mode := _mode(self.key)) & OTHERS_MAY:
            yield Observation(Remark.KEY_OPEN, {"path": str(self.key), "mode": f"{mode:03o}"})
        if self.settings and self.settings.exists():
            mode = _mode(self.settings)
            remark = Remark.SETTINGS_OPEN if mode & OTHERS_MAY_READ else Remark.SETTINGS_CLOSED
            yield Observation(remark, {"path": str(self.settings), "mode": f"{mode:03o}"})
        for path in (self.database, self.database.parent) if self.database else ():
            if not os.access(path, os.W_OK):
                yield Observation(Remark.DATABASE_UNWRITABLE, {"path": str(path)})
        yield self._disk()

    def _disk(self) -> Observation:
        return room(self.database.parent if self.database else self.folder)

    @property
    def log_size(self) -> int:
        """Bytes of the write-ahead log; 0 where there is none."""
        path = Path(f"{self.database}-wal")
        return path.stat().st_size if self.database and path.exists() else 0


@dataclass(frozen=True)
class Records:
    """The database and what stands in it."""

    database: Database
    files: Files
    clock: Clock

    async def check(self) -> AsyncGenerator[Observation, None]:
        """The database itself, then what waits in it; what cannot be read is told once."""
        looks: tuple[Callable[[Unit], Observation], ...] = (
            self._size,
            _keys,
            self._inbox,
            self._queue,
            _doubts,
            self._calendar,
        )
        try:
            for look in looks:
                yield await self.database.read(look)
        except StorageError as error:
            yield Observation(Remark.DATABASE_UNREACHED, {"reason": type(error).__name__})

    def _size(self, unit: Unit) -> Observation:
        log, size = self.files.log_size, condition.size(unit)
        remark = Remark.DATABASE_SWOLLEN if log > SWOLLEN else Remark.DATABASE_READY
        return Observation(remark, {"size": f"{(size + log) / 1e6:,.1f}", "log": f"{log / 1e6:,.1f}"})

    def _inbox(self, unit: Unit) -> Observation:
        now, backlog = self.clock.now(), condition.unhandled(unit)
        if backlog.oldest_at and now - backlog.oldest_at >= LATE:
            return Observation(Remark.INBOX_WAITS, _waiting(backlog.number, now - backlog.oldest_at))
        if failed := condition.failed_since(unit, now - A_DAY):
            return Observation(Remark.INBOX_FAILED, {"number": str(failed)})
        return Observation(Remark.INBOX_FLOWS)

    def _queue(self, unit: Unit) -> Observation:
        now = self.clock.now()
        backlog = condition.due(unit, now)
        late = now - (backlog.oldest_at or now)
        if late < LATE:
            return Observation(Remark.QUEUE_FLOWS, {"number": str(backlog.number)})
        remark = Remark.QUEUE_STUCK if late >= STUCK else Remark.QUEUE_WAITS
        return Observation(remark, _waiting(backlog.number, late))

    def _calendar(self, unit: Unit) -> Observation:
        calendars, now = Calendars(), self.clock.now()
        calendars.refresh(unit)
        known, this_year = calendars.current(), branch_date(now).year
        if missing := wanting(known, now):
            remark = Remark.CALENDAR_MISSING if missing[0] == this_year else Remark.CALENDAR_NEXT
            return Observation(remark, {"year": str(missing[0])})
        years = ", ".join(str(year) for year in sorted(known.years) if year >= this_year)
        return Observation(Remark.CALENDAR_THERE, {"years": years})


def _keys(unit: Unit) -> Observation:
    return Observation(Remark.KEY_KEPT if condition.keys_fit(unit) else Remark.KEY_UNFIT)


def _doubts(unit: Unit) -> Observation:
    number = counts.open_deliveries(unit)[DeliveryState.UNCERTAIN]
    return Observation(Remark.DOUBTS_WAIT, {"number": str(number)}) if number else Observation(Remark.DOUBTS_NONE)


def _waiting(number: int, late: timedelta) -> dict[str, str]:
    return {"number": str(number), "minutes": str(int(late.total_seconds() // 60))}


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
