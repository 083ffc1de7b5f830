"""Systems of the branch on the command line."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from bot import settings
from bot.app import open_database
from bot.commands import integration
from bot.commands.words import word
from bot.errors import QuanfuError
from bot.vocabulary import Role
from services.integrations.register import PREFIX
from storage.repositories import staff
from storage.repositories.staff import NewStaff
from tests.bot.commands.conftest import PASSWORD, known_hash

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("QUANFU_PASSWORD", PASSWORD)
    opened = open_database(settings.load())
    new = NewStaff("s7", "s7", [Role.ADMIN], known_hash(), must_change=False)
    asyncio.run(opened.write(lambda unit: staff.add(unit, new, NOW)))
    yield
    opened.close()


def run(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    done = CliRunner().invoke(integration.app, [*words, "--as", "s7"])
    if isinstance(done.exception, QuanfuError):
        raise done.exception
    assert done.exception is None, done.exception
    return done.output


def test_a_system_is_let_in_with_a_token_shown_once_and_shut_out() -> None:
    assert PREFIX in run("add", "counter", "--scope", "clients:write", "--scope", "products:read", "--per-minute", "60")
    shown = run("list")
    assert PREFIX not in shown
    assert shown.splitlines()[1].split() == ["counter", word("integration_active"), "60", "clients:write,products:read"]
    assert run("revoke", "counter") == word("integration_shut_out", name="counter") + "\n"
    assert word("integration_revoked") in run("list")
    with pytest.raises(QuanfuError, match="counter"):
        run("revoke", "counter")
