"""Hints over PgQueuer in PostgreSQL; a process on SQLite never loads its driver."""

import psycopg
from pgqueuer import PgQueuer, Queries
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.db import Driver, PsycopgDriver
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.ports.driver import NotifyCallback

from bot.queue import Line, Queue

INSTALL_LOCK = 7_240_519
"""Number of the PostgreSQL advisory lock that lets one process make PgQueuer's tables at a time."""
TABLES = DBSettings(db_schema="queue", durability=Durability.volatile)
"""PgQueuer's tables have a schema of their own, out of the migrations' sight; what is in them may be lost."""


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


async def on_postgres(url: str) -> Queue:
    """A queue shared by all processes on a PostgreSQL database; makes its tables where they are missing."""
    address = "postgresql" + url[url.index("://") :]
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await _install(connection)

    async def open_line(listening: bool) -> Line:
        queries = await psycopg.AsyncConnection.connect(address, autocommit=True)
        if not listening:
            driver: Driver = PsycopgDriver(queries)
            return _line(driver, queries)
        notices = await psycopg.AsyncConnection.connect(address, autocommit=True)
        driver = _TwoLines(queries, notices)
        return _line(driver, queries, notices)

    return Queue(open_line, psycopg.Error)


def _line(driver: Driver, *connections: psycopg.AsyncConnection) -> Line:
    async def close() -> None:
        for connection in connections:
            await connection.close()

    return Line(PgQueuer(driver, queries=_tables(driver)), _tables(driver), close)


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
