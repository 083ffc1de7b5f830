"""The register of products on the command line."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import settings
from bot.app import open_database
from bot.commands import product
from bot.commands.words import word
from bot.errors import QuanfuError
from bot.vocabulary import Role
from storage.repositories import staff
from storage.repositories.clients import NewClient, enrol
from storage.repositories.staff import NewStaff
from storage.unit import Unit
from tests.bot.commands.conftest import PASSWORD, known_hash

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TABLE = "code,name,risk,rated_on\nF1,稳健一号,R2,2026-10-01\nF2,进取一号,R9,2026-10-01\n"


@pytest.fixture(autouse=True)
def _database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
    opened = open_database(settings.load())
    client = NewClient("C1", "王晓岚", "王女士", "10000000101", "110101199006150011")
    monkeypatch.setenv("QUANFU_PASSWORD", PASSWORD)

    def fill(unit: Unit) -> None:
        enrol(unit, [client], NOW)
        for number, role in (("s1", Role.SERVICE), ("s2", Role.ADMIN), ("s3", Role.HEAD)):
            staff.add(unit, NewStaff(number, number, [role], known_hash(), must_change=False), NOW)

    asyncio.run(opened.write(fill))
    yield
    opened.close()


def run(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    done = CliRunner().invoke(product.app, words)
    if isinstance(done.exception, QuanfuError):
        raise done.exception
    assert done.exception is None, done.exception
    return done.output


def test_products_are_imported_listed_and_asked_about(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(TABLE, encoding="utf-8")
    numbers = {"new": 1, "changed": 0, "unchanged": 0, "rejected": 1}
    dry = run("import", str(file), "--dry-run", "--as", "s3")
    assert f"{file}:3: " in dry
    assert word("import_would_do", **numbers) in dry
    assert len(run("list").splitlines()) == 1
    assert word("import_done", **numbers) in run("import", str(file), "--as", "s3")
    with pytest.raises(QuanfuError, match=word("staff_not_permitted")):
        run("import", str(file), "--as", "s1")
    assert run("list", "--risk", "R2").splitlines()[1].split() == ["F1", "R2", "稳健一号", "2026-10-01", word("yes")]
    assert "稳健一号" in run("show", "F1")
    with pytest.raises(QuanfuError, match="2026-1"):
        run("check", "F1", "C1", "--as", "s1")
    with pytest.raises(QuanfuError, match=word("staff_not_permitted")):
        run("check", "F1", "C1", "--as", "s2")
    with pytest.raises(QuanfuError, match="F9"):
        run("show", "F9")
