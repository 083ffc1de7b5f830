"""Fresh, migrated databases: each kind is migrated once per run and copied for every test."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from storage.engine import upgrade
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
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
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
"""Leaves the tables as the migrations made them; a fresh copy of the database takes thirty times as long."""


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

    def empty(self, database: str) -> None:
        """Take every row out of a migrated database and let its numbers begin anew."""
        plain = self.address(database).replace("postgresql+psycopg", "postgresql", 1)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(EMPTY)

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
