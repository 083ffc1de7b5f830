"""`quanfu clients import`: what it prints, and the file of rows that were not taken."""

import asyncio
import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import settings
from bot.app import open_database
from bot.commands import clients
from bot.commands.words import word
from bot.errors import QuanfuError
from bot.vocabulary import Locale, Role
from services.client_import.columns import Field
from services.holdings import tables
from services.tables import rejections
from services.tables.cells import Fault
from storage.repositories import staff
from storage.repositories.staff import NewStaff
from tests.bot.commands.conftest import PASSWORD, known_hash

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TABLE = "客户号,姓名,手机号\nA1,欧阳晓岚,13800138000\nA2,王一,+1\n=cmd(),王二,\n"


@pytest.fixture(autouse=True)
def _database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("QUANFU_PASSWORD", PASSWORD)
    opened = open_database(settings.load())
    head = NewStaff("s1", "s1", [Role.HEAD], known_hash(), must_change=False)
    asyncio.run(opened.write(lambda unit: staff.add(unit, head, NOW) and None))
    yield
    opened.close()


def run(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    return CliRunner().invoke(clients.app, [*words, "--as", "s1"], catch_exceptions=False).output


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "en_GB.UTF-8"])
def test_bad_rows_are_told_and_written_where_no_spreadsheet_runs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    file, out = tmp_path / "clients.csv", tmp_path / "clients.csv.rejected.csv"
    file.write_bytes(TABLE.encode("gbk"))
    numbers = {"changed": 0, "rejected": 2}
    assert word("import_would_do", new=1, unchanged=0, **numbers) in run("import", str(file), "--dry-run")
    printed = run("import", str(file))
    assert word("import_done", new=1, unchanged=0, **numbers) in printed
    assert f"{file}:3: " in printed
    assert out.stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(out.read_text("utf-8-sig").splitlines()))
    assert [row[0] for row in rows] == ["行号" if language.startswith("zh") else "Line", "3", "4"]
    assert ("写法不对" if language.startswith("zh") else "is not written as it should be") in rows[1][1]
    assert [row[2:] for row in rows[1:]] == [["A2", "王一", "'+1"], ["'=cmd()", "王二", ""]]
    assert word("import_done", new=0, unchanged=1, **numbers) in run("import", str(file))


def test_corrected_rows_are_imported_from_the_file_of_rejected_ones(tmp_path: Path) -> None:
    file, out = tmp_path / "a.csv", tmp_path / "a.csv.rejected.csv"
    file.write_text("number,name,phone\nA1,,+13800138\n", "utf-8")
    run("import", str(file))
    again = tmp_path / "b.csv"
    again.write_text(out.read_text("utf-8-sig").replace("A1,,", "A1,王岚,"), "utf-8")
    assert word("import_done", new=1, changed=0, unchanged=0, rejected=0) in run("import", str(again))
    assert not (tmp_path / "b.csv.rejected.csv").exists()


def test_a_mapping_is_set_shown_and_used(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("内部号,全称\nA1,王岚\n", "utf-8")
    with pytest.raises(QuanfuError):
        run("import", str(file))
    assert not (tmp_path / "a.csv.rejected.csv").exists()
    assert word("mapping_kept", name="柜台", columns=2) in run("mapping", "set", "柜台", "内部号=number", "全称=name")
    assert run("mapping", "list") == "柜台\n"
    assert run("mapping", "show", "柜台").splitlines()[0].split()[:2] == ["内部号", "number"]
    assert word("import_done", new=1, changed=0, unchanged=0, rejected=0) in run(
        "import", str(file), "--mapping", "柜台"
    )


def test_every_field_and_every_fault_has_a_word() -> None:
    known = rejections.catalogue().of(Locale.EN).strings
    assert {f"field.{one}" for one in (*Field, *tables.Field, "row")} <= known.keys()
    assert {f"fault.{one}" for one in Fault} <= known.keys()
