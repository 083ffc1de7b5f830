"""Many rows go in at once, whatever each of them names."""

from decimal import Decimal

from sqlalchemy import select

from bot.vocabulary import AssetClass
from storage.bulk import add_all
from storage.models import ClientRow, HoldingRow, InstrumentRow
from storage.unit import Database, Unit
from tests.services.holdings.book import NOW, book


async def test_what_a_row_does_not_name_has_its_default_or_is_empty(database: Database) -> None:
    await book(database, "A1")

    def told(unit: Unit) -> None:
        add_all(unit, InstrumentRow, [])
        named = [
            {"code": '{1,"NULL"}', "name": "O'Neil\\"},
            {"code": "2", "name": "平安", "asset_class": AssetClass.FUND},
        ]
        add_all(unit, InstrumentRow, named)
        found = unit.session.execute(select(InstrumentRow.id, InstrumentRow.name, InstrumentRow.asset_class)).all()
        assert sorted((row.name, row.asset_class) for row in found) == [("O'Neil\\", "other"), ("平安", "fund")]
        held = {
            "client_id": unit.session.scalars(select(ClientRow.id)).one(),
            "on": NOW.date(),
            "quantity": Decimal("0.5"),
            "value_fen": 2**40,
        }
        rows = [{**held, "instrument_id": row.id} for row in found]
        add_all(unit, HoldingRow, [rows[0], {**rows[1], "price": Decimal("1.25")}])
        kept = unit.session.scalars(select(HoldingRow).order_by(HoldingRow.price.is_(None))).all()
        assert [(row.price, row.cost_fen, row.current) for row in kept] == [
            (Decimal("1.25"), None, False),
            (None, None, False),
        ]
        assert {(row.quantity, row.value_fen) for row in kept} == {(Decimal("0.5"), 2**40)}

    await database.write(told)
