"""Fresh, migrated databases: each kind is migrated once per run and copied for every test."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.errors import AdminShutdown
from sqlalchemy.engine import make_url

from storage.engine import upgrade
from tests import engines
from tests.once import once

TEMPLATE = "template.db"


def sqlite_template(folder: Path) -> None:
    """Put a migrated SQLite file into a folder."""
    upgrade(f"sqlite:///{folder / TEMPLATE}")


def sqlite_copy(template: Path, folder: Path) -> str:
    """The address of a copy; the template's write-ahead log is empty once its last connection is closed."""
    target = folder / "quanfu.db"
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


EMPTY = """
SET lock_timeout = '5s';
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
AND (application_name <> 'kept' OR state IS DISTINCT FROM 'idle');
SET session_replication_role = replica;
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM public.%I', found.tablename);
    END LOOP;
    FOR found IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        PERFORM setval(format('public.%I', found.sequencename), 1, false);
    END LOOP;
END $$;
DROP SCHEMA IF EXISTS queue CASCADE;
"""
"""Leaves the tables as the migrations made them and our idle connections open; a fresh copy takes far longer."""


RUN = "TESTS_RUN"
"""The variable that holds what the databases of one run are called by, in all its processes."""


@dataclass(frozen=True)
class PostgresTemplates:
    """Databases on one server, named so that two runs on it do not meet."""

    server: str
    numbers: Iterator[int] = field(default_factory=count)

    def address(self, database: str) -> str:
        """The address of a database of this server, with our driver's name."""
        url = make_url(self.server).set(drivername="postgresql+psycopg", database=database)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def database(self, template: str) -> Iterator[str]:
        """A new database copied from another, dropped afterwards; gives its name."""
        name = f"{os.environ[RUN]}_{os.getpid()}_{next(self.numbers)}"
        self._create(name, template)
        try:
            yield name
        finally:
            self._drop(name)

    def original(self, kind: str, fill: Callable[[str, Path], object]) -> str:
        """The name of a database to copy, filled by the first process of this run that asks; `drop_all` ends it."""
        name = f"{os.environ[RUN]}_{kind}"

        def make(folder: Path) -> None:
            self._drop(name)
            self._create(name, "template1")
            fill(self.address(name), folder)

        once(f"postgres-{kind}", make)
        return name

    def drop_all(self) -> None:
        """Drop what this run made, whichever process made it."""
        with self._connection() as connection:
            mine = f"{os.environ[RUN]}_%"
            found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [mine]).fetchall()
        for (name,) in found:
            self._drop(name)

    @contextmanager
    def in_turn(self, database: str) -> Iterator["InTurn"]:
        """Let tests use a migrated database one after the other."""
        address = self.address(database)
        engines.keep(address)
        with ExitStack() as connections:
            yield InTurn(address, connections)
        engines.forget(address)

    def _create(self, name: str, template: str) -> None:
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with self._connection() as connection:
            connection.execute(words.format(sql.Identifier(name), sql.Identifier(template)))

    def _drop(self, name: str) -> None:
        with self._connection() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _connection(self) -> "psycopg.Connection[tuple[str, ...]]":
        plain = make_url(self.server).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)


@dataclass(frozen=True)
class InTurn:
    """A migrated database that the tests of one process use one after the other."""

    url: str
    connections: ExitStack
    connected: list["psycopg.Connection[tuple[str, ...]]"] = field(default_factory=list)
    """The one that empties it: a new one would have to read the catalogue first, which takes four times as long."""

    def empty(self) -> None:
        """Take every row out and let the numbers begin anew."""
        try:
            self._connection().execute(EMPTY)
        except AdminShutdown:  # the test has ended every connection
            self.connected.clear()
            self._connection().execute(EMPTY)

    def _connection(self) -> "psycopg.Connection[tuple[str, ...]]":
        if not self.connected:
            plain = self.url.replace("+psycopg", "", 1)
            self.connected.append(self.connections.enter_context(psycopg.connect(plain, autocommit=True)))
        return self.connected[0]
