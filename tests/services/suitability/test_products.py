"""The register of products."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from bot.clock import MovableClock
from bot.errors import NotPermitted, Refused
from bot.vocabulary import ProductRisk, RiskLevel, Role
from services.suitability import products
from services.suitability.products import Product, Question, Taken
from services.suitability.rule import Reason
from storage.models import AuditRow, ClientRow
from storage.repositories import products as rows
from storage.repositories import staff
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit
from tests.audited import deeds
from tests.handlers.rig import Branch

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FUND = Product("F1", "稳健一号", ProductRisk.R2, date(2026, 10, 1))
KNOWN = (FUND, Product("F2", "期权策略", ProductRisk.R5, date(2026, 10, 1), offered=False))


async def test_a_table_of_any_length_is_compared(database: Database) -> None:
    await database.write(lambda unit: products.take(unit, [FUND], "head", NOW))
    codes = ["F1"] * 66_000  # more than a statement of PostgreSQL takes
    assert await database.read(lambda unit: rows.by_codes(unit, codes)) == {"F1": FUND}


async def test_the_same_products_twice_change_nothing_and_a_rating_leaves_a_trace(database: Database) -> None:
    raised = (Product("F1", "稳健一号", ProductRisk.R3, date(2026, 11, 1)),)

    def imported(unit: Unit) -> list[Taken]:
        dry = products.take(unit, KNOWN, "t", NOW, dry=True)
        return [dry, *(products.take(unit, each, "t", NOW) for each in (KNOWN, KNOWN, raised))]

    assert await database.write(imported) == [Taken(2, 0, 0), Taken(2, 0, 0), Taken(0, 0, 2), Taken(0, 1, 0)]
    assert await database.read(lambda unit: products.one(unit, "F1").risk) is ProductRisk.R3
    trace = await database.read(lambda unit: [row.detail for row in unit.session.scalars(select(AuditRow))])
    assert trace[-1] == {"by": "t", "risk": "R3", "former": "R2"}
    assert len(trace) == 3


async def test_the_register_is_read_a_page_at_a_time(database: Database) -> None:
    await database.write(lambda unit: products.take(unit, KNOWN, "t", NOW))
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
        products.take(unit, KNOWN, "t", NOW)
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
