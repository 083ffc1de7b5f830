"""Bind codes that another house made: given once, told where they cannot be, and the same table changes nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bot.vocabulary import PERMISSIONS, Action, ClientState, Reach
from services import code_tables
from services.code_tables import BIND_CODES
from services.identity import Identity, Order
from services.rules import Rules
from services.tables import run
from services.tables.run import Step, Wish
from storage.models import AuditRow, BindCodeRow, ClientRow
from storage.repositories import bindings, clients
from storage.repositories.clients import NewClient
from storage.unit import Database, Unit
from tests.services.holdings.book import NOW, book

TABLE = (
    "客户号,绑定码,有效期至,书面同意\n"
    "A1,abcd-2345,2026-11-30,产品、关怀\n"
    "A2,BCDE2345,2026-11-24 09:30,投教\n"
    "A3,CDEF2345,,\n"
    "A1,DEFG2345,,\n"
    "A4,BCDE2345,,\n"
    "B1,FGHJ2345,,\n"
    "B2,GHJK2345,,\n"
    "B3,HJKM2345,,\n"
    "A5,KMNP2345,2026-11-22,\n"
    "A6,12345678,2027-01-01 25:00,讲座\n"
    "A7,MNPQ2345,2027-01-25,\n"
    "A8,NPQR2345,,\n"
)


async def test_codes_are_given_once_and_bad_rows_told(database: Database, tmp_path: Path) -> None:
    head, path = await book(database, "Z1"), tmp_path / "codes.csv"
    path.write_bytes(TABLE.encode("gbk"))
    old = await database.write(_people)

    async def done(dry: bool, hours: int = 0) -> list[Step]:
        wish = Wish(path, head, NOW + timedelta(hours=hours), dry=dry)
        return [step async for step in run.steps(database, BIND_CODES, wish)]

    tried, first = await done(dry=True), await done(dry=False)
    assert tried[-1].counts == first[-1].counts
    bad = [(one.row.line, cell.field, cell.fault.value) for step in first for one in step.rejected for cell in one.bad]
    assert bad == [
        (5, "number", "twice"),
        (6, "bind_code", "twice"),
        (7, "number", "no_client"),
        (8, "number", "left"),
        (9, "number", "no_identity"),
        (10, "until", "span"),
        (11, "bind_code", "wrong"),
        (11, "until", "wrong"),
        (11, "consents", "no_choice"),
        (12, "until", "span"),
        (13, "bind_code", "taken"),
    ]
    kept = await database.read(_kept)
    assert kept == {
        "A1": (datetime(2026, 11, 30, 16, tzinfo=UTC), ["product", "care"]),
        "A2": (datetime(2026, 11, 24, 1, 30, tzinfo=UTC), ["education"]),
        "A3": (NOW + code_tables.LIFE, []),
    }
    again = await done(dry=False, hours=48)
    assert (again[-1].counts.new, again[-1].counts.unchanged) == (0, 3)
    assert await database.read(_kept) == kept
    earlier = await database.read(lambda unit: bindings.code(unit, old))
    assert earlier is not None
    assert earlier.expires_at == NOW
    deeds = await database.read(lambda unit: list(unit.session.scalars(select(AuditRow.action).order_by(AuditRow.id))))
    each = ["bind_code.issue"] * 3
    assert deeds[1:] == [
        "bind_code.import_begin",
        *each,
        "bind_code.import",
        "bind_code.import_begin",
        "bind_code.import",
    ]


def test_whoever_brings_tables_in_may_give_codes_to_everybody() -> None:
    for role, reach in PERMISSIONS[Action.IMPORT_CLIENTS].items():
        assert reach is Reach.NONE or PERMISSIONS[Action.ISSUE_BIND_CODE][role] is Reach.ALL


def _people(unit: Unit) -> str:
    """Clients who can be given codes, some who cannot, one with a code of ours, one with a code of the table."""
    identity = "11010519900101123X"
    people = [NewClient(f"A{one}", "王岚", "", "", identity) for one in range(1, 9)]
    people += [NewClient("B2", "王岚", "", "", identity, state=ClientState.CLOSED), NewClient("B3", "王岚", "", "", "")]
    clients.enrol(unit, people, NOW)
    wanted = select(ClientRow.number, ClientRow.id)
    ids = {row.number: row.id for row in unit.session.execute(wanted)}
    span = timedelta(days=1)
    code = bindings.NewCode("NPQR2345", ids["A7"], None, (), NOW, NOW)
    bindings.add(unit, code)
    return Identity(Rules()).issue(unit, Order(ids["A1"], None, (), NOW - span, span * 7))


def _kept(unit: Unit) -> dict[str, tuple[datetime, list[str]]]:
    """The codes that run or ran, by client."""
    found = select(ClientRow.number, BindCodeRow.expires_at, BindCodeRow.consents).join(ClientRow)
    rows = unit.session.execute(found.where(BindCodeRow.expires_at > NOW))
    return {number: (until, consents) for number, until, consents in rows}
