"""Which process keeps the time: an advisory lock on PostgreSQL, a file lock beside a SQLite database."""

import fcntl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TextIO

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage.engine import normalise

LEADER_LOCK = 7_240_520
"""Number of the PostgreSQL advisory lock that the leader holds."""


class Leadership(Protocol):
    """A claim to be the one that keeps the time. Blocking calls: not for the event loop."""

    def take(self) -> bool:
        """Try to become, or check to be still, the leader."""
        ...

    def yield_up(self) -> None:
        """Give it up."""
        ...


def leadership(url: str) -> Leadership:
    """The claim that fits the database."""
    address = normalise(url)
    if address.startswith("sqlite"):
        return FileLeadership(Path(address.split("///", 1)[1] + ".leader"))
    return PostgresLeadership(address)


@dataclass
class FileLeadership:
    """Holds a lock on a file; the kernel lets go when the process ends, however it ends."""

    path: Path
    _file: TextIO | None = field(default=None, init=False)

    def take(self) -> bool:
        """Try to lock the file."""
        if self._file:
            return True
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def yield_up(self) -> None:
        """Let the file go."""
        if self._file:
            self._file.close()
            self._file = None


@dataclass
class PostgresLeadership:
    """Holds an advisory lock on a connection of its own; lost with the connection."""

    address: str
    _connection: Connection | None = field(default=None, init=False)

    def take(self) -> bool:
        """Try to lock; while held, check that the connection lives."""
        try:
            if self._connection:
                self._connection.execute(text("SELECT 1"))
                return True
            return self._lock()
        except DBAPIError:
            self.yield_up()
            return False

    def _lock(self) -> bool:
        engine = create_engine(self.address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        connection = engine.connect()
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER_LOCK}).scalar_one():
            self._connection = connection
            return True
        connection.close()
        return False

    def yield_up(self) -> None:
        """Close the connection, and the lock with it."""
        if self._connection:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
