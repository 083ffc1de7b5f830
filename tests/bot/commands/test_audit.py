"""`quanfu audit`: the check, and the file for the regulator."""

import asyncio
import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from bot.commands import audit
from bot.errors import QuanfuError
from bot.vocabulary import Role
from services.audit import Deed, record
from services.audit.chain import Chain
from services.audit.heads import Heads, written
from storage.repositories import audit_lists as rows
from storage.repositories.audit_lists import Wanted
from storage.unit import Database, Unit
from tests.bot.commands.conftest import hire

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def fill(unit: Unit) -> None:
    for number, role in (("s2", Role.COMPLIANCE), ("s7", Role.ADMIN)):
        hire(unit, number, role, NOW)
    for each in range(3):
        record(unit, Deed("ticket.close", f"ticket:{each}", NOW))


def run(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    return CliRunner().invoke(audit.app, list(words), catch_exceptions=False).output


def test_a_whole_trail_is_told_whole(filled: Database) -> None:
    assert "3 entries are not sealed yet" in run("verify")
    asyncio.run(Chain(filled).seal())
    told = run("verify", "--head", written(asyncio.run(Chain(filled).head())))
    assert "3 sealed entries follow one another; 1 published" in told
    assert "whole" in told


def test_a_cut_end_is_found_by_the_file_of_the_settings(
    filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "heads.txt"
    monkeypatch.setenv("QUANFU_AUDIT__HEADS", str(file))
    asyncio.run(Chain(filled).seal())
    asyncio.run(Heads(file).publish(asyncio.run(Chain(filled).head()), NOW))
    assert "1 published" in run("verify")
    statements = ("DROP TRIGGER audit_kept", "DELETE FROM audit WHERE place = 3")
    for statement in statements:
        asyncio.run(filled.write(lambda unit, one=statement: unit.connection.execute(text(one)) and None))  # type: ignore[misc]
    with pytest.raises(QuanfuError, match="nothing stands at place 3"):
        run("verify")


def test_what_cannot_be_read_is_told(filled: Database, tmp_path: Path) -> None:
    with pytest.raises(QuanfuError, match="--head"):
        run("verify", "--head", "nonsense")
    with pytest.raises(QuanfuError, match="no file"):
        run("verify", "--heads", str(tmp_path / "none"))


def test_compliance_takes_days_out_and_that_is_recorded(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "trail.jsonl"
    days = ("--from", "2026-11-23", "--to", "2026-11-23", "--out", str(file))
    assert "export was recorded" in run("export", "--as", "s2", *days)
    assert [json.loads(line)["object"] for line in file.read_text("utf-8").splitlines()][:3] == [
        "ticket:0",
        "ticket:1",
        "ticket:2",
    ]
    assert file.stat().st_mode & 0o077 == 0
    deeds = [line.action for line in asyncio.run(filled.read(lambda unit: rows.following(unit, Wanted(), 3, 9)))]
    assert deeds == ["audit.export"]


def test_all_of_time_is_taken_out(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "trail.csv"
    run("export", "--as", "s2", "--from", "0001-01-01", "--to", "9999-12-31", "--out", str(file))
    with file.open(encoding="utf-8-sig", newline="") as opened:
        lines = list(csv.DictReader(opened))
    assert [line["id"] for line in lines] == ["1", "2", "3", "4"]


def test_an_administrator_takes_nothing_out(filled: Database, tmp_path: Path) -> None:
    days = ("--from", "2026-11-23", "--to", "2026-11-23", "--out", str(tmp_path / "trail.csv"))
    with pytest.raises(QuanfuError):
        run("export", "--as", "s7", *days)
    assert not list(tmp_path.glob("trail*"))
    assert asyncio.run(filled.read(lambda unit: rows.following(unit, Wanted(), 3, 9))) == []
