"""Staff settle messages of which nobody knows whether they went out."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from bot.commands import doubts
from bot.errors import QuanfuError
from bot.vocabulary import DeliveryState, Purpose, Role
from storage.models import AuditRow, DeliveryRow
from storage.unit import Database, Unit
from tests.bot.commands.conftest import hire

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def fill(unit: Unit) -> None:
    """Somebody of service, and three doubtful messages."""
    hire(unit, "s5", Role.SERVICE, NOW)
    hire(unit, "s7", Role.ADMIN, NOW)
    common = {"purpose": Purpose.REPLY, "priority": 0, "state": DeliveryState.UNCERTAIN, "text_key": "answer"}
    rows = [{**common, "key": f"k{n}", "text": f"text {n}", "created_at": NOW, "not_before": NOW} for n in range(3)]
    unit.session.execute(insert(DeliveryRow), rows)


def run(*words: str) -> str:
    """What a command prints; its refusal is raised."""
    return CliRunner().invoke(doubts.app, list(words), catch_exceptions=False).output


def states(filled: Database) -> list[DeliveryState]:
    chosen = select(DeliveryRow.state).order_by(DeliveryRow.id)
    return asyncio.run(filled.read(lambda unit: list(unit.session.scalars(chosen))))


def test_each_decision_settles_one_message_and_is_audited(filled: Database) -> None:
    assert [f"text {n}" in run("list", "--as", "s5") for n in range(3)] == [True] * 3
    run("resend", "1", "--as", "s5")
    run("delivered", "2", "--as", "s5")
    run("drop", "3", "--as", "s5")
    assert states(filled) == [DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.CANCELLED]
    deeds = asyncio.run(filled.read(lambda unit: list(unit.session.scalars(select(AuditRow.action)))))
    assert deeds == ["delivery.resend", "delivery.delivered", "delivery.drop"]
    assert "text" not in run("list", "--as", "s5")


def test_what_is_settled_stays_settled(filled: Database) -> None:
    run("drop", "1", "--as", "s5")
    with pytest.raises(QuanfuError):
        run("resend", "1", "--as", "s5")
    assert states(filled)[0] is DeliveryState.CANCELLED


def test_an_administrator_reads_and_decides_nothing(filled: Database) -> None:
    for words in (["list"], ["resend", "1"]):
        with pytest.raises(QuanfuError):
            run(*words, "--as", "s7")
    assert states(filled) == [DeliveryState.UNCERTAIN] * 3
