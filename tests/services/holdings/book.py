"""Clients with holdings for tests, and tables of them."""

from datetime import UTC, datetime
from pathlib import Path

from bot.vocabulary import Role, TableKind
from services.holdings import tables
from services.tables import run
from services.tables.run import Step, Wish
from storage.repositories import clients, staff
from storage.repositories.clients import NewClient
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOLDING = "客户号,日期,证券代码,市场,证券名称,证券类别,数量,成本,市价,市值\n"
TRADE = "客户号,成交日期,成交编号,证券代码,买卖方向,数量,成交金额\n"
BALANCE = "客户号,日期,资金余额,维持担保比例\n"


async def book(database: Database, *numbers: str) -> Staff:
    """Clients of these numbers; gives a head who may import."""

    def made(unit: Unit) -> Staff | None:
        staff.add(unit, NewStaff("h1", "h1", [Role.HEAD], ""), NOW)
        people = [NewClient(number, "王岚", salutation="", phone="", identity="") for number in numbers]
        clients.enrol(unit, people, NOW)
        return staff.by_number(unit, "h1")

    head = await database.write(made)
    assert head is not None
    return head


def table(folder: Path, text: str) -> Path:
    """A file with this table."""
    path = folder / "table.csv"
    path.write_text(text, "utf-8")
    return path


async def bring_in(database: Database, kind: TableKind, wish: Wish) -> list[Step]:
    """Import a table to its end."""
    return [step async for step in run.steps(database, tables.noun(kind), wish)]
