"""What goes wrong with a database, done from outside of the service: locked for a while, or gone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Event, Thread

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from storage.engine import normalise

LAST = "SELECT max(id) FROM inbox"


def plain(url: str) -> str:
    """The address as the driver itself reads it."""
    return make_url(normalise(url)).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def locked(url: str, table: str = "inbox", mode: str = "ACCESS EXCLUSIVE") -> Iterator[None]:
    """Nobody else can write (PostgreSQL: to this table, nor read it in the mode that shares nothing)."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.split("///", 1)[1], isolation_level=None)
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.rollback()
        connection.close()
        return
    with psycopg.connect(plain(url)) as server:
        server.execute(sql.SQL("LOCK TABLE {} IN {} MODE").format(sql.Identifier(table), sql.SQL(mode)))
        yield
        server.rollback()


@asynccontextmanager
async def replies_held(url: str) -> AsyncIterator[None]:
    """The next message can be stored, and what is said to it cannot be, until the block ends.

    On SQLite, where one lock guards everything, it is taken the moment the message stands. On PostgreSQL the table
    stays readable: a pump that only looks for work must not hold up the one connection that stores messages.
    """
    if not url.startswith("sqlite"):
        with locked(url, "deliveries", "SHARE"):
            yield
        return
    holder = Holder(url)
    holder.start()
    try:
        yield
    finally:
        holder.release.set()
        await asyncio.to_thread(holder.join)


class Holder(Thread):
    """Waits for a message to be stored, then holds the lock until told to let go."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.release = Event()
        self._connection = sqlite3.connect(
            url.split("///", 1)[1], isolation_level=None, timeout=10.0, check_same_thread=False
        )
        self._before = self._last()

    def run(self) -> None:
        """Looks without a pause: the answer is some milliseconds of work away."""
        while self._last() == self._before and not self.release.is_set():
            continue
        self._connection.execute("BEGIN IMMEDIATE")
        self.release.wait()
        self._connection.close()

    def _last(self) -> object:
        return self._connection.execute(LAST).fetchone()


@contextmanager
def gone(url: str) -> Iterator[None]:
    """A PostgreSQL database that ends every connection and takes no new one."""
    address = make_url(plain(url))
    name = sql.Identifier(str(address.database))
    elsewhere = address.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(elsewhere, autocommit=True) as server:
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [address.database])
        yield
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
