"""Fresh, migrated databases: each kind is migrated once per run and copied for every test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from storage.engine import upgrade


def sqlite_template(folder: Path) -> Path:
    """A migrated SQLite file."""
    file = folder / "template.db"
    upgrade(f"sqlite:///{file}")
    return file


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
        EXECUTE format('ALTER SEQUENCE public.%I RESTART', found.sequencename);
    END LOOP;
END $$;
DROP SCHEMA IF EXISTS queue CASCADE;
"""
"""Leaves the tables as the migrations made them; a fresh copy of the database takes thirty times as long."""


@dataclass
class PostgresTemplates:
    """Databases on one server, named so that two runs on it do not meet."""

    server: str
    prefix: str = field(default_factory=lambda: f"quanfu_test_{os.getpid()}")
    numbers: Iterator[int] = field(default_factory=count)

    def address(self, database: str) -> str:
        """The address of a database of this server, with our driver's name."""
        url = make_url(self.server).set(drivername="postgresql+psycopg", database=database)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A new database copied from another, dropped afterwards; gives its name."""
        name = f"{self.prefix}_{next(self.numbers)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield name
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """The name of a migrated database, to copy."""
        with self.database() as name:
            upgrade(self.address(name))
            yield name

    def empty(self, database: str) -> None:
        """Take every row out of a migrated database and let its numbers begin anew."""
        plain = self.address(database).replace("postgresql+psycopg", "postgresql", 1)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(EMPTY)

    def _run(self, statement: sql.Composed) -> None:
        plain = make_url(self.server).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statement)
