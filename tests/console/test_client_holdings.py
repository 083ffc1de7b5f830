"""What a client holds, as pages draw it: charts of the server's own making, and the same in numbers."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.vocabulary import AssetClass, Side
from console.client_holdings import exact, money, share
from storage.models import AuditRow, ClientClassRow, ClientDayRow, ClientFiguresRow, HoldingRow, InstrumentRow, TradeRow
from storage.unit import Unit
from tests.console.conftest import SignIn, words
from tests.console.stand import HEAD, MONDAY, RM, VISITOR, Stand
from tests.console.test_clients import address

ON = date(2026, 11, 20)


def held(unit: Unit, client_id: int) -> None:
    """A fund, a share and cash on ten days."""
    fund = InstrumentRow(code="510300.SH", name="示例宽基", asset_class=AssetClass.FUND)
    stock = InstrumentRow(code="600000.SH", name="示例银行", asset_class=AssetClass.SHARE)
    unit.session.add_all([fund, stock])
    unit.flush()
    for one, value in ((fund, 600_00), (stock, 300_00)):
        columns = {"quantity": Decimal("100"), "cost_fen": 250_00, "price": Decimal("3.0000"), "value_fen": value}
        unit.session.add(HoldingRow(client_id=client_id, instrument_id=one.id, on=ON, **columns))
        unit.session.add(ClientClassRow(client_id=client_id, asset_class=one.asset_class, value_fen=value))
    for back in range(10):
        amounts = {"securities_fen": 900_00, "cash_fen": 100_00 - back, "assets_fen": 1000_00 - back}
        unit.session.add(ClientDayRow(client_id=client_id, on=ON - timedelta(days=back), **amounts))
    traded = {"side": Side.BUY, "quantity": Decimal("100"), "price": Decimal("3"), "value_fen": 300_00}
    unit.session.add(TradeRow(client_id=client_id, instrument_id=stock.id, on=ON, reference="1", **traded))
    figures = {"assets_fen": 1000_00, "cash_fen": 100_00, "mean_fen": 990_00, "concentration": 60}
    unit.session.add(ClientFiguresRow(client_id=client_id, on=ON, reckoned_at=MONDAY, **figures))
    unit.flush()


async def test_charts_and_tables_tell_the_same(branch: Stand, sign_in: SignIn) -> None:
    await branch.database.write(lambda unit: held(unit, branch.clients["C1"]))
    person, path = await sign_in(RM), f"{await address(branch)}/holdings"
    answer = await person.get(path)
    page = words(answer)
    assert "基金 ¥600.00 60.0% 股票 ¥300.00 30.0% 现金 ¥100.00 10.0%" in page
    assert "示例宽基 510300.SH 基金 100 ¥250.00 3 ¥600.00 60.0%" in page
    assert "买入 100 ¥300.00" in page
    assert "集中度" in page
    assert len(re.findall('class="q-touch"', answer.text)) == 10
    curve = re.search('class="q-curve" d="M0.0 ([0-9.]+)L', answer.text)
    assert curve is not None
    assert float(curve[1]) == pytest.approx(100 - 100 * 999 / 1000)
    looked = select(AuditRow.staff_id).where(AuditRow.action == "client.holdings")
    assert len(await branch.database.read(lambda unit: list(unit.session.scalars(looked)))) == 1
    assert "<script" not in answer.text.split("<main", 1)[1]
    person.http.cookies.set("quanfu_locale", "en")
    assert "Reverse" not in words(await person.get(path))


async def test_who_sees_holdings(branch: Stand, sign_in: SignIn) -> None:
    own, other = [f"{await address(branch, number)}/holdings" for number in ("C1", "C2")]
    assert "还没有导入持仓" in words(await (await sign_in(HEAD)).get(other))
    assert (await (await sign_in(RM)).get(other)).status_code == 404
    assert (await (await sign_in(VISITOR)).get(own)).status_code == 403


def test_amounts_are_written_in_full() -> None:
    assert [money(fen) for fen in (0, 5, -123456789)] == ["¥0.00", "¥0.05", "−¥1,234,567.89"]
    assert [exact(Decimal(number)) for number in ("1200", "0.5000", "3.9330")] == ["1,200", "0.5", "3.933"]
    assert (share(1, 3), share(1, 0)) == ("33.3%", "–")
