"""Whether a database is up to date is told without alembic, and as alembic would tell it."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.errors import DatabaseBusy, NotMigrated
from storage.engine import MIGRATIONS, head, open_engines, require_current


def test_the_newest_migration_is_alembic_s_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [head()]


def test_a_migrated_database_is_current(database_url: str) -> None:
    engines = open_engines(database_url)
    require_current(engines)
    engines.dispose()


def test_an_older_database_is_not(sqlite_url: str) -> None:
    engines = open_engines(sqlite_url)
    with engines.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2026_01_01_01'"))
    with pytest.raises(NotMigrated):
        require_current(engines)
    engines.dispose()


def test_an_empty_database_is_not(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    engines = open_engines(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(NotMigrated):
        require_current(engines)
    engines.dispose()


def test_a_database_that_was_never_made_is_not_and_looking_makes_none(tmp_path: Path) -> None:
    engines = open_engines(f"sqlite:///{tmp_path / 'absent.db'}")
    with pytest.raises(NotMigrated):
        require_current(engines)
    engines.dispose()
    assert list(tmp_path.iterdir()) == []


def test_what_a_database_refuses_is_not_told_with_its_values(database_url: str) -> None:
    engines = open_engines(database_url)
    with pytest.raises(DBAPIError) as refused, engines.writer.begin() as connection:
        connection.execute(text("INSERT INTO no_such_table (words) VALUES (:words)"), {"words": "王晓明要投诉"})
    assert "王晓明" not in str(refused.value)
    engines.dispose()


def test_why_a_database_is_out_of_reach_is_told(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"no database at all" * 100)
    engines = open_engines(f"sqlite:///{tmp_path / 'other.db'}")
    with pytest.raises(DatabaseBusy, match="out of reach: file is not a database"):
        require_current(engines)
    engines.dispose()
