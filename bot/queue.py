"""Hints that there is work, over PgQueuer: in memory beside SQLite, in the database with PostgreSQL.

The database is the record; a hint only spares the next sweep's wait. Losing hints loses nothing, and handling one
twice is harmless.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import psycopg
from pgqueuer import PgQueuer, Queries
from pgqueuer.adapters.inmemory import InMemoryDriver, InMemoryQueries
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.db import Driver, PsycopgDriver
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.models import Job
from pgqueuer.ports.driver import NotifyCallback

log = logging.getLogger(__name__)

HINT = "hint"
"""The one entry point: what a hint is about stands in its payload."""
INSTALL_LOCK = 7_240_519
"""Number of the PostgreSQL advisory lock that lets one process make PgQueuer's tables at a time."""
TABLES = DBSettings(db_schema="queue", durability=Durability.volatile)
"""PgQueuer's tables have a schema of their own, out of the migrations' sight; what is in them may be lost."""
BATCH = 50
PATIENCE = 3.0
"""Seconds that a consumer gets to end."""
LOGGED = 5000
"""Hints handled between two clearings of PgQueuer's log, which otherwise grows for ever, in memory too."""

Handler = Callable[[str], Awaitable[None]]


class _TwoLines(PsycopgDriver):
    """Queries and notices each on a connection of their own: one that waits for notices holds up queries for 1 s."""

    def __init__(self, queries: psycopg.AsyncConnection, notices: psycopg.AsyncConnection) -> None:
        super().__init__(queries)
        self.notices = PsycopgDriver(notices)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Hear notices on the other connection."""
        await self.notices.add_listener(channel, callback)

    async def remove_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Hear them no more."""
        await self.notices.remove_listener(channel, callback)

    async def __aenter__(self) -> "_TwoLines":
        await self.notices.__aenter__()
        await super().__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await super().__aexit__(*details)
        await self.notices.__aexit__(*details)


@dataclass(frozen=True)
class _Line:
    """PgQueuer with the connections that are its own."""

    engine: PgQueuer
    queries: Queries | InMemoryQueries
    connections: tuple[psycopg.AsyncConnection, ...] = ()

    async def close(self) -> None:
        for connection in self.connections:
            await connection.close()


class Queue:
    """Takes hints and hands each to one consumer of one process; opens its lines when they are needed."""

    def __init__(self, open_line: Callable[[bool], Awaitable[_Line]]) -> None:
        self._open = open_line
        self._out: _Line | None = None
        self._waiting: dict[str, None] = {}
        self._sender: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._consumer: asyncio.Task[None] | None = None

    def put(self, hint: str) -> None:
        """Pass a hint on soon, together with others; never waits, never fails."""
        self._waiting[hint] = None
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())

    async def flushed(self) -> None:
        """Wait until everything put so far has been passed on, or lost."""
        if self._sender is not None:
            await self._sender

    async def _send(self) -> None:
        while self._waiting:
            hints, self._waiting = list(self._waiting), {}
            payloads: list[bytes | None] = [hint.encode() for hint in hints]
            try:
                self._out = self._out or await self._open(False)
                await self._out.queries.enqueue([HINT] * len(hints), payloads, [0] * len(hints))
            except (psycopg.Error, OSError) as error:
                log.warning("%d hints lost (%s); the sweep makes up for it", len(hints), type(error).__name__)
                self._out = None

    async def consume(self, handler: Handler) -> None:
        """Hand hints to `handler` until the queue is closed; raises psycopg.Error where the database went away."""
        line = await self._open(True)
        handled = count(1)

        async def handle(job: Job) -> None:
            await handler((job.payload or b"").decode())
            if next(handled) % LOGGED == 0:
                await line.queries.clear_queue_log(HINT)

        line.engine.entrypoint(HINT)(handle)
        # What PgQueuer counts of its jobs is folded into tables of its own unless it is told not to.
        run = line.engine.qm.run(timedelta(seconds=10), BATCH, log_aggregation_interval=timedelta(0))
        self._consumer = asyncio.create_task(run)
        stop = asyncio.create_task(self._closing.wait())
        await asyncio.wait({self._consumer, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        line.engine.shutdown.set()
        try:
            await self._consumer
        finally:
            await line.close()

    async def close(self) -> None:
        """Stop consuming and pass on what is still to be passed on."""
        self._closing.set()
        await self.flushed()
        if self._consumer is not None:
            await asyncio.wait({self._consumer}, timeout=PATIENCE)
        if self._out is not None:
            await self._out.close()


def in_memory() -> Queue:
    """A queue within this process."""
    queries = InMemoryQueries(InMemoryDriver())
    engine = PgQueuer(queries.driver, queries=queries)

    async def open_line(_listening: bool) -> _Line:
        return _Line(engine, queries)

    return Queue(open_line)


async def on_postgres(url: str) -> Queue:
    """A queue shared by all processes on a PostgreSQL database; makes its tables where they are missing."""
    address = "postgresql" + url[url.index("://") :]
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await _install(connection)

    async def open_line(listening: bool) -> _Line:
        queries = await psycopg.AsyncConnection.connect(address, autocommit=True)
        if not listening:
            driver: Driver = PsycopgDriver(queries)
            return _Line(PgQueuer(driver, queries=_tables(driver)), _tables(driver), (queries,))
        notices = await psycopg.AsyncConnection.connect(address, autocommit=True)
        driver = _TwoLines(queries, notices)
        return _Line(PgQueuer(driver, queries=_tables(driver)), _tables(driver), (queries, notices))

    return Queue(open_line)


def _tables(driver: Driver) -> Queries:
    environment, queue = QueryBuilderEnvironment(TABLES), QueryQueueBuilder(TABLES)
    return Queries(driver, environment, queue, QuerySchedulerBuilder(TABLES))


async def _install(connection: psycopg.AsyncConnection) -> None:
    """One process at a time; the others find the tables there."""
    await connection.execute("SELECT pg_advisory_lock(%s)", [INSTALL_LOCK])
    tables = _tables(PsycopgDriver(connection))
    if not await tables.schema_is_installed():
        await tables.install()
    await connection.execute("SELECT pg_advisory_unlock(%s)", [INSTALL_LOCK])
