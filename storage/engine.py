"""Engines for SQLite and PostgreSQL, and bringing a database up to date."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from bot.errors import DatabaseBusy, NotMigrated

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION = re.compile(r"\d{4}(_\d\d){3}(?=_)")

MIGRATION_LOCK = 7_240_518
"""Number of the PostgreSQL advisory lock that lets one process migrate at a time."""

CONNECT_SECONDS = 5
"""How long a PostgreSQL server may take to let us in; without an end a dead address holds up for minutes."""

PATIENCE_MS = 2000
AT_ONCE = {"patience_ms": 0}
"""Milliseconds that a transaction on SQLite waits for another process to write; the option of one that does not."""


@dataclass(frozen=True)
class Engines:
    """One engine that may write and one that may not; on SQLite the first has a single connection."""

    writer: Engine
    reader: Engine
    writers: int
    readers: int

    def dispose(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()


def normalise(url: str) -> str:
    """The address with the driver we use, whatever driver it named."""
    parsed = make_url("postgresql" + url.removeprefix("postgres") if url.startswith("postgres:") else url)
    driver = "sqlite+pysqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def open_engines(url: str) -> Engines:
    """Engines of one database."""
    address = normalise(url)
    if address.startswith("sqlite"):
        return Engines(_sqlite(address, writes=True), _sqlite(address, writes=False), writers=1, readers=2)
    return Engines(_postgres(address, "off"), _postgres(address, "on"), writers=6, readers=4)


def _postgres(address: str, read_only: str) -> Engine:
    options = f"-c default_transaction_read_only={read_only} -c lock_timeout=5000 -c statement_timeout=60000"
    told = {"options": options, "connect_timeout": CONNECT_SECONDS}
    return create_engine(
        address, pool_size=6, max_overflow=2, pool_pre_ping=True, connect_args=told, hide_parameters=True
    )


def _sqlite(address: str, *, writes: bool) -> Engine:
    file = make_url(address).database
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    told = {"check_same_thread": False}
    engine = create_engine(
        address, poolclass=QueuePool, pool_size=1 if writes else 2, connect_args=told, hide_parameters=True
    )
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED"
    pragmas = ["journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-32000"]

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas if writes else [*pragmas, "query_only=ON"]:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        patience = connection.get_execution_options().get("patience_ms", PATIENCE_MS)
        connection.connection.cursor().execute(f"PRAGMA busy_timeout={patience}")
        connection.exec_driver_sql(begin)

    return engine


def _config() -> "Config":
    from alembic.config import Config  # a tenth of a second that only migrating should cost

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(url: str, *, check: bool = False) -> None:
    """Bring the database to the newest form; with `check`, fail where models and migrations differ."""
    address = normalise(url)
    engine = _sqlite(address, writes=True) if address.startswith("sqlite") else create_engine(address)
    try:
        with engine.begin() as connection:
            _run(connection, check=check)
    finally:
        engine.dispose()


def _run(connection: Connection, *, check: bool) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    command.upgrade(config, "head")
    if check:
        command.check(config)


def head() -> str:
    """The newest migration's name, with which its file's begins: to look, a server need not hold alembic (9 MB)."""
    return max(found[0] for file in (MIGRATIONS / "versions").iterdir() if (found := _REVISION.match(file.name)))


def _applied(connection: Connection) -> list[str]:
    if not inspect(connection).has_table("alembic_version"):
        return []
    return list(connection.scalars(text("SELECT version_num FROM alembic_version")))


def is_made(url: str) -> bool:
    """Whether a database has ever been migrated; one whose file holds no database counts, for it holds something.

    An earlier version left an empty database of 4 kB behind where it was started before it was migrated.
    """
    engines = open_engines(url)
    try:
        with engines.reader.connect() as connection:
            return bool(_applied(connection))
    except DBAPIError:
        return True
    finally:
        engines.dispose()


def holds_clients(engines: Engines) -> bool:
    """Whether there is anybody in it, whose fields are sealed."""
    with engines.reader.connect() as connection:
        return bool(connection.scalar(text("SELECT EXISTS (SELECT 1 FROM clients)")))


def require_current(engines: Engines) -> None:
    """NotMigrated where a migration is missing; DatabaseBusy where the database is out of reach.

    A SQLite file is not made by looking: an empty one without its key would seem to have lost it.
    """
    file = engines.reader.url.database
    if engines.reader.dialect.name == "sqlite" and file and not Path(file).exists():
        raise NotMigrated
    try:
        with engines.reader.connect() as connection:
            applied = _applied(connection)
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        raise DatabaseBusy(f"the database is out of reach: {reason}") from None
    if applied != [head()]:
        raise NotMigrated
