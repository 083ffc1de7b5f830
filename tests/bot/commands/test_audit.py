"""`quanfu audit verify`."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from bot import settings
from bot.app import open_database
from bot.commands import audit
from bot.errors import QuanfuError
from services.audit import Deed, record
from services.audit.chain import Chain
from services.audit.heads import Heads, written
from storage.unit import Database, Unit

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def fill(unit: Unit) -> None:
    for number in range(3):
        record(unit, Deed("ticket.close", f"ticket:{number}", NOW))


@pytest.fixture
def database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
    opened = open_database(settings.load())
    asyncio.run(opened.write(fill))
    yield opened
    opened.close()


def run(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    return CliRunner().invoke(audit.app, list(words), catch_exceptions=False).output


def test_a_whole_trail_is_told_whole(database: Database) -> None:
    assert "3 entries are not sealed yet" in run("verify")
    asyncio.run(Chain(database).seal())
    told = run("verify", "--head", written(asyncio.run(Chain(database).head())))
    assert "3 sealed entries follow one another; 1 published" in told
    assert "whole" in told


def test_a_cut_end_is_found_by_the_file_of_the_settings(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "heads.txt"
    monkeypatch.setenv("QUANFU_AUDIT__HEADS", str(file))
    asyncio.run(Chain(database).seal())
    asyncio.run(Heads(file).publish(asyncio.run(Chain(database).head()), NOW))
    assert "1 published" in run("verify")
    statements = ("DROP TRIGGER audit_kept", "DELETE FROM audit WHERE place = 3")
    for statement in statements:
        asyncio.run(database.write(lambda unit, one=statement: unit.connection.execute(text(one)) and None))  # type: ignore[misc]
    with pytest.raises(QuanfuError, match="nothing stands at place 3"):
        run("verify")


def test_what_cannot_be_read_is_told(database: Database, tmp_path: Path) -> None:
    with pytest.raises(QuanfuError, match="--head"):
        run("verify", "--head", "nonsense")
    with pytest.raises(QuanfuError, match="no file"):
        run("verify", "--heads", str(tmp_path / "none"))
