"""`quanfu clients`: one person's rights, by whoever may."""

import asyncio
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from bot.commands import client_rights
from bot.errors import QuanfuError
from bot.vocabulary import Role
from storage.unit import Database, Unit
from tests.bot.commands.conftest import hire
from tests.services.rights.people import NOON, enrolled

WHY = ("--reason", "客户书面申请")


def fill(unit: Unit) -> None:
    for number, role in (("s2", Role.COMPLIANCE), ("s6", Role.HEAD), ("s5", Role.SERVICE)):
        hire(unit, number, role, NOON)
    enrolled(unit, "C1")


def run(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    return CliRunner().invoke(client_rights.app, list(words), catch_exceptions=False).output


def test_a_copy_is_a_file_of_its_owner_s_and_a_refusal_leaves_none(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "C1.zip"
    with pytest.raises(QuanfuError, match="role"):
        run("export", "C1", "--as", "s5", *WHY)
    assert "clients approve 1" in run("export", "C1", "--as", "s2", *WHY)
    with pytest.raises(QuanfuError, match="approved by somebody else"):
        run("export", "C1", "--as", "s2", "--out", str(out))
    assert not out.exists()
    assert "24 hours" in run("approve", "1", "--as", "s6")
    assert str(out) in run("export", "C1", "--as", "s2", "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    with ZipFile(out) as file:
        assert file.namelist() == ["data.json", "zh_CN.html", "en.html"]
        assert "王婷婷" in file.read("zh_CN.html").decode()


def test_two_persons_erase_a_client_whom_nothing_holds(filled: Database) -> None:
    run("hold", "C1", "--as", "s2", "--reason", "诉讼")
    planned = run("erase", "C1", "--dry-run", "--as", "s6")
    assert [part for part in ("诉讼", "consents", "2045-10-19") if part not in planned] == []
    run("release", "C1", "--as", "s2", "--reason", "结案")
    assert "clients approve 1" in run("erase", "C1", "--as", "s2", *WHY)
    assert "C1" in run("requests", "--as", "s6")
    assert "2045-10-19" in run("approve", "1", "--as", "s6")


def test_two_records_become_one_and_the_old_number_finds_it(filled: Database) -> None:
    asyncio.run(filled.write(lambda unit: enrolled(unit, "C9") and None))
    assert "clients approve 1" in run("merge", "C9", "C1", "--as", "s2", *WHY)
    assert "C9 is merged into C1" in run("approve", "1", "--as", "s6")
    with pytest.raises(QuanfuError, match="one record"):
        run("merge", "C9", "C1", "--as", "s2", *WHY)
