"""Hints that there is work, over PgQueuer: in memory beside SQLite, in the database with PostgreSQL.

The database is the record; a hint only spares the next sweep's wait. Losing hints loses nothing, and handling one
twice is harmless.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import psycopg
from pgqueuer import PgQueuer, Queries
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


class Queue:
    """Takes hints and hands each to one consumer of one process."""

    def __init__(self, engine: PgQueuer, connections: tuple[psycopg.AsyncConnection, ...] = ()) -> None:
        self._engine = engine
        self._connections = connections
        self._waiting: dict[str, None] = {}
        self._sender: asyncio.Task[None] | None = None
        self._handled = 0

    def put(self, hint: str) -> None:
        """Pass a hint on soon, together with others; never waits, never fails."""
        self._waiting[hint] = None
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            hints, self._waiting = list(self._waiting), {}
            payloads: list[bytes | None] = [hint.encode() for hint in hints]
            try:
                await self._queries.enqueue([HINT] * len(hints), payloads, [0] * len(hints))
            except (psycopg.Error, OSError) as error:
                log.warning("%d hints lost (%s); the sweep makes up for it", len(hints), type(error).__name__)

    async def consume(self, handler: Handler) -> None:
        """Hand hints to `handler` until the queue is closed."""

        async def handle(job: Job) -> None:
            await handler((job.payload or b"").decode())
            self._handled += 1
            if self._handled % LOGGED == 0:
                await self._queries.clear_queue_log(HINT)

        self._engine.entrypoint(HINT)(handle)
        await self._engine.qm.run(
            dequeue_timeout=timedelta(seconds=10), batch_size=BATCH, log_aggregation_interval=timedelta(0)
        )

    @property
    def _queries(self) -> Queries:
        queries = self._engine.queries
        assert queries is not None  # noqa: S101 - PgQueuer sets it when it is made
        return queries  # type: ignore[return-value]

    async def close(self) -> None:
        """Stop consuming and let go of the connections."""
        self._engine.shutdown.set()
        if self._sender is not None:
            self._sender.cancel()
            with suppress(asyncio.CancelledError):
                await self._sender
        for connection in self._connections:
            await connection.close()


def in_memory() -> Queue:
    """A queue within this process."""
    return Queue(PgQueuer.in_memory())


async def on_postgres(url: str) -> Queue:
    """A queue shared by all processes on a PostgreSQL database; makes its tables where they are missing."""
    address = "postgresql" + url[url.index("://") :]
    queries = await psycopg.AsyncConnection.connect(address, autocommit=True)
    await _install(queries)
    notices = await psycopg.AsyncConnection.connect(address, autocommit=True)
    lines = _TwoLines(queries, notices)
    return Queue(PgQueuer(lines, queries=_tables(lines)), (queries, notices))


def _tables(driver: Driver) -> Queries:
    environment, queue = QueryBuilderEnvironment(TABLES), QueryQueueBuilder(TABLES)
    return Queries(driver, environment, queue, QuerySchedulerBuilder(TABLES))


async def _install(connection: psycopg.AsyncConnection) -> None:
    """One process at a time; the others find the tables there."""
    await connection.execute("SELECT pg_advisory_lock(%s)", [INSTALL_LOCK])
    try:
        tables = _tables(PsycopgDriver(connection))
        if not await tables.schema_is_installed():
            await tables.install()
    finally:
        await connection.execute("SELECT pg_advisory_unlock(%s)", [INSTALL_LOCK])
