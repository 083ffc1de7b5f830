"""`quanfu holdings`: tables in, figures out."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import settings
from bot.app import open_database
from bot.commands import holdings
from bot.commands.words import word
from bot.vocabulary import Role
from storage.repositories import clients, staff
from storage.repositories.clients import NewClient
from storage.repositories.staff import NewStaff
from storage.unit import Unit
from tests.bot.commands.conftest import PASSWORD, known_hash
from tests.services.holdings.book import BALANCE, HOLDING, NOW

TABLES = {
    "import": HOLDING + "A1,2025-11-20,600519,SH,贵州茅台,股票,100,,1500,150000\nA2,2025-11-20,600519,,,,1,,,1\n",
    "cash": BALANCE + "A1,2025-11-20,50000,\nA1,2025-11-20,1,1,1\n",
}


@pytest.fixture(autouse=True)
def _database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("QUANFU_PASSWORD", PASSWORD)
    opened = open_database(settings.load())

    def made(unit: Unit) -> None:
        staff.add(unit, NewStaff("s1", "s1", [Role.HEAD], known_hash(), must_change=False), NOW)
        clients.enrol(unit, [NewClient("A1", "王岚", salutation="", phone="", identity="")], NOW)

    asyncio.run(opened.write(made))
    yield
    opened.close()


def run(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    return CliRunner().invoke(holdings.app, [*words, "--as", "s1"], catch_exceptions=False).output


def test_tables_are_imported_and_reckoned(tmp_path: Path) -> None:
    for (command, text), extent in zip(TABLES.items(), (["--of", "branch"], []), strict=True):
        file = tmp_path / f"{command}.csv"
        file.write_text(text, "utf-8")
        assert word("import_done", new=1, changed=0, unchanged=0, rejected=1) in run(command, str(file), *extent)
        assert (tmp_path / f"{command}.csv.rejected.csv").exists()
    assert word("figures_done", clients=1) in run("figures")
