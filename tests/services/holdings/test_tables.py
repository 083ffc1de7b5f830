"""Holdings, trades and cash come from tables, and the same table twice changes nothing."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.errors import NotPermitted, Refused
from bot.vocabulary import Extent, Role, Side, StaffState, TableKind
from services.holdings import amounts, figures, tables
from services.holdings.tables import Field
from services.tables import sheets
from services.tables.cells import Fault, Wrong
from services.tables.mappings import Mappings
from services.tables.run import Wish
from storage.models import (
    BalanceRow,
    ClientFiguresRow,
    FiguresDueRow,
    HoldingDayRow,
    HoldingRow,
    InstrumentRow,
    TradeRow,
)
from storage.repositories import staff
from storage.repositories.imports import Counts
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Database, Unit
from tests.services.holdings.book import BALANCE, HOLDING, NOW, TRADE, book, bring_in, table

ON = date(2026, 11, 20)
HELD = (
    'A1,2026-11-20,000001,深圳,平安银行,股票,100,"1,200.00",11.5,1150\n'
    "A1,2026-11-20,000001,场外,华夏成长,基金,10.55,,,12.345\n"
)
BAD = (
    "A9,2026-11-20,600519,,,,1,,,1\n"  # nobody
    "A1,2026-11-20,000001,SZ,,,100,,,1150\n"  # the first again
    "A1,2027-01-01,600519,,,,1,,,1\n"  # not yet
    "A2,2026-11-20,600519,,,,,,,x\n"
)


async def test_holdings_go_in_and_every_bad_row_is_told(database: Database, tmp_path: Path) -> None:
    head = await book(database, "A1", "A2")
    path = table(tmp_path, HOLDING + HELD + BAD)
    tried = await bring_in(database, TableKind.HOLDING, Wish(path, head, NOW, dry=True, extent=Extent.BRANCH))
    done = await bring_in(database, TableKind.HOLDING, Wish(path, head, NOW, extent=Extent.BRANCH))
    assert tried[-1].counts == done[-1].counts == Counts(new=2, rejected=4)
    bad = {(one.row.line, cell.field, cell.fault.value) for step in done for one in step.rejected for cell in one.bad}
    assert bad == {
        (4, "number", "no_client"),
        (5, "code", "twice"),
        (6, "on", "future"),
        (7, "quantity", "missing"),
        (7, "value", "wrong"),
    }

    def look(unit: Unit) -> None:
        held = select(InstrumentRow.code, InstrumentRow.name, InstrumentRow.asset_class, HoldingRow)
        rows = unit.session.execute(held.join(HoldingRow).order_by(InstrumentRow.code)).all()
        assert [row[:3] for row in rows] == [("000001.OF", "华夏成长", "fund"), ("000001.SZ", "平安银行", "share")]
        assert [row[3].value_fen for row in rows] == [1235, 115000]
        assert (rows[0][3].quantity, rows[0][3].cost_fen) == (Decimal("10.55"), None)
        assert (rows[1][3].price, rows[1][3].cost_fen) == (Decimal("11.5"), 120000)
        assert unit.session.scalars(select(HoldingDayRow.on)).all() == [ON]
        assert unit.session.scalars(select(FiguresDueRow.since)).all() == [ON]

    await database.read(look)


async def test_the_same_tables_twice_change_nothing_and_a_corrected_row_does(
    database: Database, tmp_path: Path
) -> None:
    head = await book(database, "A1")
    files = {
        TableKind.HOLDING: (HOLDING + HELD, ",1150\n", ",1151\n"),
        TableKind.TRADE: (TRADE + "A1,20261119,T1,000001.SZ,证券买入,100,1150.00\n", "1150.00", "1151"),
        TableKind.BALANCE: (BALANCE + "A1,2026/11/20,-10.5,265.99%\n", "-10.5", "5"),
    }
    for kind, (text, old, new) in files.items():
        first = await bring_in(database, kind, Wish(table(tmp_path, text), head, NOW, extent=Extent.BRANCH))
        number = first[-1].counts.new
        again = await bring_in(database, kind, Wish(table(tmp_path, text), head, NOW, extent=Extent.BRANCH))
        assert (number > 0, again[-1].counts) == (True, Counts(unchanged=number))
        corrected = await bring_in(
            database, kind, Wish(table(tmp_path, text.replace(old, new)), head, NOW, extent=Extent.BRANCH)
        )
        assert corrected[-1].counts == Counts(changed=1, unchanged=number - 1)

    def look(unit: Unit) -> None:
        trade, balance = (unit.session.scalars(select(row)).one() for row in (TradeRow, BalanceRow))
        assert isinstance(trade, TradeRow)
        assert isinstance(balance, BalanceRow)
        assert (trade.side, trade.on, trade.value_fen) == (Side.BUY, date(2026, 11, 19), 115100)
        assert (balance.cash_fen, balance.margin_ratio) == (500, 265)
        assert unit.session.scalars(select(FiguresDueRow.since)).all() == [date(2026, 11, 19)]

    await database.read(look)


async def test_only_a_head_may_import_and_every_needed_column_must_be_there(database: Database, tmp_path: Path) -> None:
    head = await book(database, "A1")
    adviser = NewStaff("a1", "a1", [Role.ADVISER], "")
    await database.write(lambda unit: staff.add(unit, adviser, NOW) and None)
    other = await database.read(lambda unit: staff.by_number(unit, "a1"))
    assert other is not None
    with pytest.raises(NotPermitted):
        await bring_in(database, TableKind.HOLDING, Wish(table(tmp_path, HOLDING), other, NOW))
    with pytest.raises(Refused, match="list_without_numbers"):
        await bring_in(database, TableKind.TRADE, Wish(table(tmp_path, HOLDING), head, NOW))
    mappings = Mappings(tables.noun(TableKind.BALANCE))
    kept = await database.write(lambda unit: mappings.keep(unit, head, "柜台", ["余额=cash"], NOW))
    wish = Wish(table(tmp_path, "客户号,日期,余额\nA1,2026-11-20,1\n"), head, NOW, kept)
    assert (await bring_in(database, TableKind.BALANCE, wish))[-1].counts == Counts(new=1)
    with pytest.raises(Refused, match="mapping_unknown"):
        await database.read(lambda unit: Mappings(tables.noun(TableKind.TRADE)).named(unit, head, "柜台"))


async def test_a_table_of_some_clients_sells_nobody_out(database: Database, tmp_path: Path) -> None:
    head = await book(database, "A1", "A2")
    known = HOLDING + "A1,2026-11-19,600519,,,,1,,,100\nA2,2026-11-19,600519,,,,1,,,200\n"
    cash = BALANCE + "A1,2026-11-20,1,\nA2,2026-11-20,1,\n"
    part = HOLDING + "A1,2026-11-20,600519,,,,1,,,150\n"
    assets = []
    for kind, text, extent in (
        (TableKind.HOLDING, known, Extent.BRANCH),
        (TableKind.BALANCE, cash, None),
        (TableKind.HOLDING, part, Extent.CLIENTS),
        (TableKind.HOLDING, part, Extent.BRANCH),
    ):
        tried = await bring_in(database, kind, Wish(table(tmp_path, text), head, NOW, dry=True, extent=extent))
        await bring_in(database, kind, Wish(table(tmp_path, text), head, NOW, extent=extent))
        await figures.refresh(database, NOW)
        wanted = select(ClientFiguresRow.assets_fen).order_by(ClientFiguresRow.client_id)
        found = await database.read(lambda unit, wanted=wanted: list(unit.session.scalars(wanted)))  # type: ignore[misc]
        assets.append((*found, tried[-1].missing))
    assert assets == [(10000, 20000, 0), (10000, 20000, 0), (15100, 20000, 0), (15100, 100, 1)]
    with pytest.raises(Refused, match="holdings_extent"):
        await bring_in(database, TableKind.HOLDING, Wish(table(tmp_path, part), head, NOW))


@pytest.mark.parametrize(
    ("column", "said", "meant"),
    [
        ("value", "￥1,234.565", 123457),
        ("value", "-1", Fault.WRONG),
        ("cash", "-1.005", -101),
        ("quantity", "1e5", Fault.WRONG),
        ("quantity", "0.12345", Decimal("0.1235")),
        ("margin_ratio", "130.99％", 130),
        ("side", "赎回", Side.SELL),
        ("asset_class", "古董", Fault.NO_CHOICE),
        ("code", "600 519", Fault.WRONG),
    ],
)
def test_each_cell_is_taken_or_refused_with_its_reason(column: str, said: str, meant: object) -> None:
    read = tables.READERS[Field(column)]
    if isinstance(meant, Fault):
        with pytest.raises(Wrong, match=meant.value):
            read(said)
    else:
        assert read(said) == meant


@settings(max_examples=30)
@given(st.integers(-(10**14), 10**14))
def test_an_amount_reads_back_as_it_was_written(fen: int) -> None:
    assert amounts.fen(f"{Decimal(fen).scaleb(-2):,}") == fen


FUZZED = {
    TableKind.HOLDING: (HOLDING, "A1,2026-11-20,00000{},深圳,平安银行,股票,100,1200,11.5,1150"),
    TableKind.TRADE: (TRADE, "A1,20261119,T{},000001.SZ,证券买入,100,1150.00"),
    TableKind.BALANCE: (BALANCE, "A1,2026-11-1{},-10.5,265.99%"),
}


@pytest.mark.parametrize("kind", list(FUZZED))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(junk=st.lists(st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"")), max_size=5), data=st.data())
def test_no_fuzzed_line_costs_a_good_row(
    tmp_path: Path, kind: TableKind, junk: list[bytes], data: st.DataObject
) -> None:
    head, pattern = FUZZED[kind]
    good = [pattern.format(place).encode() for place in range(3)]
    mixed = data.draw(st.permutations([*junk, *good]))
    (tmp_path / "a.csv").write_bytes(head.encode() + b"\n".join(mixed))
    assert {tuple(row.split(",")) for row in map(bytes.decode, good)} <= taken(tmp_path / "a.csv", kind)


@pytest.mark.parametrize("kind", list(FUZZED))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(cells=st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=11), max_size=4))
def test_no_cell_breaks_the_check(tmp_path: Path, kind: TableKind, cells: list[list[str]]) -> None:
    text = FUZZED[kind][0] + "\n".join(",".join(row) for row in cells)
    (tmp_path / "a.csv").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert all(len(row) == FUZZED[kind][0].count(",") + 1 for row in taken(tmp_path / "a.csv", kind))


def taken(path: Path, kind: TableKind) -> set[tuple[str, ...]]:
    """The cells of those rows that are good by themselves; each other one has its reason."""
    heading, *body = sheets.rows(path)
    head = Staff(1, "h1", "h1", "", "", frozenset(), StaffState.ACTIVE, "", must_change=False, fictional=False)
    wish = Wish(path, head, NOW, extent=Extent.CLIENTS)
    check = tables.noun(kind).check(cast(Unit, None), wish, heading)  # it asks no database
    told = [(row, check(row)) for row in body]
    assert all(values or bad for _, (values, bad) in told)
    return {row.cells for row, (_, bad) in told if not bad}
