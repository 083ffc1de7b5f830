"""Products come from tables as clients and holdings do."""

from datetime import date
from pathlib import Path

import pytest

from bot.vocabulary import ProductRisk
from services.suitability.product_tables import PRODUCTS
from services.suitability.products import Product
from services.tables import run
from services.tables.run import Step, Wish
from storage.repositories import products as rows
from storage.repositories.imports import Counts
from storage.unit import Database
from tests.services.holdings.book import NOW, book

TABLE = (
    "产品代码,产品名称,风险等级,评级日期,在售\n"
    "F1,稳健一号,R2,2026-10-01,\n"
    "F2,期权策略,高风险,2026/10/1,否\n"
    ",乙,R9,x,也许\n"
    "F1,丙,R1,2026-10-01,1\n"
    "F4," + "丁" * 121 + ",R1,2026-10-01,1\n"
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough: the register and the tables are tested on both."""
    return sqlite_url


async def test_good_rows_are_rated_bad_ones_told_and_the_same_table_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    head, path = await book(database, "A1"), tmp_path / "products.csv"
    path.write_bytes(TABLE.encode("gbk"))

    async def done(dry: bool) -> list[Step]:
        return [step async for step in run.steps(database, PRODUCTS, Wish(path, head, NOW, dry=dry))]

    tried, first, again = [await done(dry) for dry in (True, False, False)]
    assert tried[-1].counts == first[-1].counts == Counts(new=2, rejected=3)
    assert again[-1].counts == Counts(unchanged=2, rejected=3)
    bad = [(one.row.line, cell.field, cell.fault.value) for step in first for one in step.rejected for cell in one.bad]
    assert sorted(bad) == [
        (4, "offered", "no_choice"),
        (4, "product_code", "missing"),
        (4, "rated_on", "wrong"),
        (4, "risk", "no_choice"),
        (5, "product_code", "twice"),
        (6, "product_name", "too_long"),
    ]
    assert await database.read(lambda unit: rows.page(unit, None, "", 5)) == [
        Product("F1", "稳健一号", ProductRisk.R2, date(2026, 10, 1)),
        Product("F2", "期权策略", ProductRisk.R5, date(2026, 10, 1), offered=False),
    ]
