"""Bind codes for a whole list: by table, by segment, and what is refused."""

import asyncio
import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.commands import clients
from bot.errors import QuanfuError
from bot.vocabulary import AssetBand, Role
from services.identity import code_in
from storage.models import AuditRow, BindCodeRow, ClientRow
from storage.repositories import staff
from storage.repositories.bindings import CODE
from storage.repositories.clients import NewClient, enrol
from storage.unit import Database, Unit
from tests.bot.commands.conftest import hire

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def fill(unit: Unit) -> None:
    """Service, a manager with one client, an administrator, and four clients, one without an id number."""
    for number, role in (("s5", Role.SERVICE), ("s3", Role.RM), ("s7", Role.ADMIN)):
        hire(unit, number, role, NOW)
    manager = staff.by_number(unit, "s3")
    assert manager is not None
    rich = {"asset_band": AssetBand.FROM_300}
    new = [
        NewClient("C1", "王晓岚", "王女士", "10000000101", "110101199006150011", manager_id=manager.id),
        NewClient("C2", "李泽宇", "李先生", "10000000102", "110101199006150012", **rich),  # type: ignore[arg-type]
        NewClient("=C3", "赵一", "赵先生", "10000000103", "110101199006150013"),
        NewClient("C4", "孙二", "孙先生", "10000000104", "", **rich),  # type: ignore[arg-type]
    ]
    enrol(unit, new, NOW)
    unit.session.query(ClientRow).filter(ClientRow.number == "C4").update({"identity_sealed": None})


def run(number: str, out: Path, *words: str) -> str:
    """What the command prints; its refusal is raised."""
    line = ["--as", number, "--out", str(out), *words]
    return CliRunner().invoke(clients.app, ["codes", *line], catch_exceptions=False).output


def table(path: Path, *numbers: str) -> str:
    """A list as a spreadsheet writes it."""
    path.write_text("\n".join(["name,number", *(f"x,{number}" for number in numbers)]), encoding="utf-8-sig")
    return str(path)


def lines(out: Path) -> dict[str, dict[str, str]]:
    """The written table by number."""
    with out.open(encoding="utf-8-sig", newline="") as file:
        return {row["number"]: row for row in csv.DictReader(file)}


def keys(filled: Database) -> set[bytes]:
    return asyncio.run(filled.read(lambda unit: set(unit.session.scalars(select(BindCodeRow.code_key)))))


def test_each_client_of_a_table_gets_one_code_or_a_reason(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "codes.csv"
    told = run("s5", out, "--csv", table(tmp_path / "list.csv", "C1", "C1", " C4 ", "C9", "=C3", ""))
    found = lines(out)
    assert {number: row["refused"] for number, row in found.items()} == {
        "C1": "",
        "C4": "bind_identity_missing",
        "C9": "client_unknown",
        "'=C3": "",
    }
    codes = [code for row in found.values() if (code := code_in(row["code"]))]
    assert keys(filled) == {filled.vault.lookup(CODE, code) for code in codes}
    assert not [code for code in codes if code in told]
    assert out.stat().st_mode & 0o777 == 0o600
    actions = asyncio.run(filled.read(lambda unit: list(unit.session.scalars(select(AuditRow.action)))))
    assert (actions.count("bind_code.issue"), actions.count("bind_code.list")) == (2, 1)


def test_a_segment_is_as_good_as_a_table(filled: Database, tmp_path: Path) -> None:
    run("s5", tmp_path / "codes.csv", "--asset-band", AssetBand.FROM_300, "--consent", "care", "--days", "30")
    assert {number: bool(row["code"]) for number, row in lines(tmp_path / "codes.csv").items()} == {
        "C2": True,
        "C4": False,
    }
    row = asyncio.run(filled.read(lambda unit: unit.session.scalars(select(BindCodeRow)).one()))
    assert ((row.expires_at - row.issued_at).days, row.consents) == (30, ["care"])


def test_a_manager_reaches_their_own_clients_only(filled: Database, tmp_path: Path) -> None:
    run("s3", tmp_path / "one.csv", "--csv", table(tmp_path / "list.csv", "C1", "C2"))
    assert {number: row["refused"] for number, row in lines(tmp_path / "one.csv").items()} == {
        "C1": "",
        "C2": "staff_not_permitted",
    }
    run("s3", tmp_path / "two.csv", "--asset-band", AssetBand.FROM_300)
    assert lines(tmp_path / "two.csv") == {}


def test_what_can_t_be_done_leaves_no_file(filled: Database, tmp_path: Path) -> None:
    out, listed = tmp_path / "codes.csv", table(tmp_path / "list.csv", "C1")
    with pytest.raises(QuanfuError):
        run("s7", out, "--csv", listed)
    (tmp_path / "other.csv").write_text("client\nC1\n")
    with pytest.raises(QuanfuError, match="number"):
        run("s5", out, "--csv", str(tmp_path / "other.csv"))
    (tmp_path / "binary.csv").write_bytes(b"number\n\xff\xfe")
    with pytest.raises(QuanfuError, match="UTF-8"):
        run("s5", out, "--csv", str(tmp_path / "binary.csv"))
    assert not out.exists()
    assert "not both" in CliRunner().invoke(clients.app, ["codes", "--as", "s5", "--out", str(out)]).output


def test_a_table_that_is_there_is_kept(filled: Database, tmp_path: Path) -> None:
    out = tmp_path / "codes.csv"
    out.write_text("earlier codes")
    with pytest.raises(QuanfuError, match=r"codes\.csv"):
        run("s5", out, "--csv", table(tmp_path / "list.csv", "C1"))
    assert out.read_text() == "earlier codes"
    assert keys(filled) == set()


def test_a_plan_is_shown_and_entered(filled: Database) -> None:
    def plan(number: str, *words: str) -> str:
        return CliRunner().invoke(clients.app, ["plan", number, "--as", "s3", *words], catch_exceptions=False).output

    assert "Standard plan (standard)" in plan("C1")
    assert "at most 2, sent 0; chosen subjects -" in plan("C1", "--set", "close", "--weekly", "2")
    with pytest.raises(QuanfuError, match="role does not allow"):
        plan("C2")
