"""Staff settle messages of which nobody knows whether they went out."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from bot import settings
from bot.app import open_database
from bot.commands import doubts
from bot.errors import QuanfuError
from bot.vocabulary import DeliveryState, Purpose, Role
from services.staff import hash_password
from storage.models import AuditRow, DeliveryRow
from storage.repositories import staff
from storage.repositories.staff import NewStaff
from storage.unit import Database, Unit

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PASSWORD = "correct horse"


def fill(unit: Unit) -> None:
    """Somebody of service, and three doubtful messages."""
    staff.add(unit, NewStaff("s5", "He", [Role.SERVICE], hash_password(PASSWORD), must_change=False), NOW)
    staff.add(unit, NewStaff("s7", "Cheng", [Role.ADMIN], hash_password(PASSWORD), must_change=False), NOW)
    common = {"purpose": Purpose.REPLY, "priority": 0, "state": DeliveryState.UNCERTAIN, "text_key": "answer"}
    rows = [{**common, "key": f"k{n}", "text": f"text {n}", "created_at": NOW, "not_before": NOW} for n in range(3)]
    unit.session.execute(insert(DeliveryRow), rows)


@pytest.fixture
def database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("QUANFU_PASSWORD", PASSWORD)
    opened = open_database(settings.load())
    asyncio.run(opened.write(fill))
    yield opened
    opened.close()


def run(*words: str) -> str:
    """What a command prints; its refusal is raised."""
    return CliRunner().invoke(doubts.app, list(words), catch_exceptions=False).output


def states(database: Database) -> list[DeliveryState]:
    chosen = select(DeliveryRow.state).order_by(DeliveryRow.id)
    return asyncio.run(database.read(lambda unit: list(unit.session.scalars(chosen))))


def test_each_decision_settles_one_message_and_is_audited(database: Database) -> None:
    assert [f"text {n}" in run("list", "--as", "s5") for n in range(3)] == [True] * 3
    run("resend", "1", "--as", "s5")
    run("delivered", "2", "--as", "s5")
    run("drop", "3", "--as", "s5")
    assert states(database) == [DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.CANCELLED]
    deeds = asyncio.run(database.read(lambda unit: list(unit.session.scalars(select(AuditRow.action)))))
    assert deeds == ["delivery.resend", "delivery.delivered", "delivery.drop"]
    assert "text" not in run("list", "--as", "s5")


def test_what_is_settled_stays_settled(database: Database) -> None:
    run("drop", "1", "--as", "s5")
    with pytest.raises(QuanfuError):
        run("resend", "1", "--as", "s5")
    assert states(database)[0] is DeliveryState.CANCELLED


def test_an_administrator_reads_and_decides_nothing(database: Database) -> None:
    for words in (["list"], ["resend", "1"]):
        with pytest.raises(QuanfuError):
            run(*words, "--as", "s7")
    assert states(database) == [DeliveryState.UNCERTAIN] * 3
