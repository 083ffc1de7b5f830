"""`quanfu staff`: adding, listing, roles, handing over, letting go."""

import asyncio
import getpass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.clock import SystemClock
from bot.commands import session
from bot.commands import staff as commands
from bot.commands import team as team_commands
from bot.errors import QuanfuError, SettingsWrong
from bot.vocabulary import Role
from services import second_factor, totp
from storage.models import ClientRow
from storage.repositories import staff
from storage.repositories.clients import NewClient, enrol
from storage.unit import Database, Unit
from tests.bot.commands.conftest import hire

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def fill(unit: Unit) -> None:
    """An administrator, and two managers of whom one has a client."""
    for number, role in (("s7", Role.ADMIN), ("s3", Role.RM), ("s4", Role.RM)):
        hire(unit, number, role, NOW)
    manager = staff.by_number(unit, "s3")
    assert manager is not None
    enrol(unit, [NewClient("C1", "王晓岚", "王女士", "10000000101", "", manager_id=manager.id)], NOW)


def run(*words: str) -> str:
    """What the command prints; its refusal is raised."""
    return CliRunner().invoke(commands.app, list(words), catch_exceptions=False).output


def test_somebody_goes_and_a_colleague_takes_over(filled: Database) -> None:
    with pytest.raises(QuanfuError, match="colleague who takes over"):
        run("deactivate", "s3", "--as", "s7")
    told = run("deactivate", "s3", "--to", "s4", "--as", "s7")
    assert "s4 took over 1 clients, 0 open tickets and 0 conversations" in told
    lines = {line.split()[0]: line for line in run("list", "--as", "s7").splitlines()}
    assert "deactivated" in lines["s3"]
    assert lines["s4"].split()[-3:] == ["1", "0", "0"]
    owner = asyncio.run(filled.read(lambda unit: unit.session.scalars(select(ClientRow.manager_id)).one()))
    assert owner == asyncio.run(filled.read(lambda unit: staff.by_number(unit, "s4").id))  # type: ignore[union-attr]


def test_without_a_terminal_the_password_is_wanted_in_its_variable(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUANFU_PASSWORD")
    monkeypatch.setattr(session, "getpass", getpass.fallback_getpass)  # type: ignore[attr-defined]
    with pytest.raises(SettingsWrong, match=r"no terminal.*QUANFU_PASSWORD") as told:  # ends with 2
        run("list", "--as", "s7")
    assert len(told.value.faults) == 1


def test_roles_are_given_and_clients_handed_over(filled: Database) -> None:
    assert "roles service, adviser" in run("role", "s4", "--role", "service", "--role", "adviser", "--as", "s7")
    assert "1 clients" in run("handover", "s3", "--to", "s4", "--as", "s7")


def test_the_first_person_needs_nobody_and_a_number_is_given_once(filled: Database) -> None:
    assert "may sign in" in run("add", "s9", "Li", "--role", "head")
    with pytest.raises(QuanfuError, match="number s9 already"):
        run("add", "s9", "Li", "--role", "head")


def test_a_team_is_made_and_shown(filled: Database) -> None:
    def team(*words: str) -> str:
        return CliRunner().invoke(team_commands.app, [*words, "--as", "s7"], catch_exceptions=False).output

    assert "headed by s4" in team("put", "North", "--head", "s4")
    assert "s3 belongs to the team" in team("join", "s3", "North")
    assert team("list").splitlines()[1].split() == ["North", "s4", "s3"]


def test_an_absence_is_noted_by_whoever_is_away(filled: Database) -> None:
    days = ["--from", "2999-01-01", "--to", "2999-01-05"]
    assert "away from 2999-01-01 to 2999-01-05" in run("absent", "s3", *days, "--as", "s3")


def test_only_an_administrator_does_this(filled: Database) -> None:
    for words in (["list"], ["role", "s4", "--role", "head"], ["deactivate", "s4"]):
        with pytest.raises(QuanfuError, match="role does not allow"):
            run(*words, "--as", "s3")


def test_who_has_set_up_codes_is_asked_for_one(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def enrol(unit: Unit) -> list[str]:
        admin, now = staff.by_number(unit, "s7"), SystemClock().now()
        assert admin is not None
        secret = second_factor.enrolment(unit, admin).secret
        return second_factor.confirm(unit, admin, totp.code_at(secret, totp.step_of(now)), now)

    recovery = asyncio.run(filled.write(enrol))
    monkeypatch.setenv("QUANFU_CODE", "000000")
    with pytest.raises(QuanfuError, match="not right or was used"):
        run("list", "--as", "s7")
    monkeypatch.setenv("QUANFU_CODE", recovery[0])
    assert "s3" in run("list", "--as", "s7")
    monkeypatch.setenv("QUANFU_CODE", recovery[1])
    with pytest.raises(QuanfuError, match="nobody with the number s99"):
        run("reset-code", "s99", "--as", "s7")
