"""The register of products."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.clock import MovableClock
from bot.errors import NotPermitted, Refused
from bot.vocabulary import ProductRisk, RiskLevel, Role
from services.suitability import products
from services.suitability.products import BadRow, Fault, Product, Question, Taken
from services.suitability.rule import Reason
from storage.models import AuditRow, ClientRow
from storage.repositories import products as rows
from storage.repositories import staff
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit
from tests.audited import deeds
from tests.handlers.rig import Branch

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HEAD = "code,name,risk,rated_on,offered\n"
FUND = Product("F1", "稳健一号", ProductRisk.R2, date(2026, 10, 1))
GOOD = f"{HEAD}F1,稳健一号,R2,2026-10-01,1\nF2,期权策略,R5,2026-10-01,0\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_table_is_read_in_the_encodings_of_the_house(encoding: str) -> None:
    table = products.read(GOOD.encode(encoding))
    assert table.products == (FUND, Product("F2", "期权策略", ProductRisk.R5, date(2026, 10, 1), offered=False))
    assert table.bad == ()


def test_every_bad_row_is_told_and_the_good_ones_are_taken() -> None:
    raw = HEAD + "F1,甲,R2,2026-10-01,\n,乙,R9,x,2\nF1,丙,R1,2026-10-01,1\nF4," + "丁" * 121 + ",R1,2026-10-01,1\n"
    table = products.read(raw.encode())
    assert [product.code for product in table.products] == ["F1"]
    assert list(table.bad) == [
        BadRow(3, "code", Fault.MISSING),
        BadRow(3, "risk", Fault.NO_RATING),
        BadRow(3, "rated_on", Fault.NO_DATE),
        BadRow(3, "offered", Fault.NO_YES_NO),
        BadRow(4, "code", Fault.TWICE),
        BadRow(5, "name", Fault.TOO_LONG),
    ]


@pytest.mark.parametrize("raw", [b"", b"\xff\xff", b"code,name\n", b'code,name,risk,rated_on\n"a,b\n'])
def test_what_is_no_table_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        products.read(raw)


async def test_a_table_of_any_length_is_compared(database: Database) -> None:
    await database.write(lambda unit: products.take(unit, [FUND], "head", NOW))
    codes = ["F1"] * 66_000  # more than a statement of PostgreSQL takes
    assert await database.read(lambda unit: rows.by_codes(unit, codes)) == {"F1": FUND}


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (HEAD + text).encode()))
def test_no_file_breaks_the_reader(raw: bytes) -> None:
    with suppress(Refused):
        table = products.read(raw)
        assert len({product.code for product in table.products}) == len(table.products)


async def test_the_same_file_twice_changes_nothing_and_a_rating_leaves_a_trace(database: Database) -> None:
    table = products.read(GOOD.encode()).products
    raised = (Product("F1", "稳健一号", ProductRisk.R3, date(2026, 11, 1)),)

    def imported(unit: Unit) -> list[Taken]:
        dry = products.take(unit, table, "t", NOW, dry=True)
        return [dry, *(products.take(unit, each, "t", NOW) for each in (table, table, raised))]

    assert await database.write(imported) == [Taken(2, 0, 0), Taken(2, 0, 0), Taken(0, 0, 2), Taken(0, 1, 0)]
    assert await database.read(lambda unit: products.one(unit, "F1").risk) is ProductRisk.R3
    trace = await database.read(lambda unit: [row.detail for row in unit.session.scalars(select(AuditRow))])
    assert trace[-1] == {"by": "t", "risk": "R3", "former": "R2"}
    assert len(trace) == 3


async def test_the_register_is_read_a_page_at_a_time(database: Database) -> None:
    await database.write(lambda unit: products.take(unit, products.read(GOOD.encode()).products, "t", NOW))
    found = await database.read(lambda unit: [rows.page(unit, *wanted) for wanted in _pages()])
    assert [[product.code for product in page] for page in found] == [["F1"], ["F2"], ["F2"], []]


def _pages() -> list[tuple[ProductRisk | None, str, int]]:
    return [(None, "", 1), (None, "F1", 5), (ProductRisk.R5, "", 5), (ProductRisk.R1, "", 5)]


@pytest.mark.parametrize(
    ("level", "code", "reasons"),
    [
        (RiskLevel.C2, "F1", []),
        (RiskLevel.C1, "F1", [Reason.TOO_RISKY]),
        (None, "F1", [Reason.NOT_ASSESSED]),
        (RiskLevel.C5, "F2", [Reason.NOT_ON_OFFER]),
    ],
)
async def test_the_rule_is_asked_of_a_client_and_kept(
    database: Database, clock: MovableClock, level: RiskLevel | None, code: str, reasons: list[Reason]
) -> None:
    client_id = await Branch(database, clock).client()

    def asked(unit: Unit) -> tuple[Reason, ...]:
        known = {"risk_level": level, "risk_valid_until": date(2027, 1, 1), "birth_year": 1990}
        born = {"birth_month": 1, "birth_day": 1}
        unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(known | born))
        products.take(unit, products.read(GOOD.encode()).products, "t", NOW)
        number = unit.session.get_one(ClientRow, client_id).number
        return products.asked(unit, adviser(unit, client_id), Question(number, code, 65, NOW)).reasons

    assert list(await database.write(asked)) == reasons
    (kept,) = await deeds(database, "suitability.ask")
    assert (kept.detail["version"], kept.detail["reasons"]) == ("2026-1", ",".join(reasons))
    assert kept.number == "s3"


async def test_of_another_s_client_nothing_is_told(database: Database, clock: MovableClock) -> None:
    client_id = await Branch(database, clock).client()

    def asked(unit: Unit) -> None:
        number, manager = unit.session.get_one(ClientRow, client_id).number, adviser(unit, client_id)
        unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(manager_id=None))
        for client in (number, "nobody's"):
            with pytest.raises(NotPermitted):
                products.asked(unit, manager, Question(client, "F1", 65, NOW))

    await database.write(asked)


def adviser(unit: Unit, client_id: int) -> Staff:
    """The client's own manager, who reads no other's."""
    manager = staff.add(unit, NewStaff("s3", "s3", [Role.RM], "x"), NOW)
    unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(manager_id=manager))
    found = staff.by_id(unit, manager)
    assert found is not None
    return found


async def test_what_is_not_on_the_register_is_refused(database: Database) -> None:
    with pytest.raises(Refused, match="product_unknown"):
        await database.read(lambda unit: products.one(unit, "F9"))
