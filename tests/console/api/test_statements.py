"""Holdings, trades and cash are pushed in batches, by the checks of the tables."""

import asyncio
from pathlib import Path

from sqlalchemy import func, select

from bot.vocabulary import Extent, Role, TableKind
from services.holdings import figures
from services.tables.run import Wish
from storage.models import AuditRow, ClientFiguresRow, HoldingRow
from storage.repositories import staff
from storage.repositories.staff import NewStaff, Staff
from storage.unit import Unit
from tests.console.api.conftest import Branch, Counter
from tests.services.holdings.book import HOLDING, bring_in, table

DAY = "2026-11-20"


def held(number: str, value: str, code: str = "600519", on: str = DAY) -> dict[str, str]:
    """A row of holdings."""
    return {"number": number, "on": on, "code": code, "market": "SH", "quantity": "1", "value": value}


async def assets(branch: Branch) -> list[int]:
    """Of all clients with figures, in the order of their enrolment, in yuan."""
    await figures.refresh(branch.database, branch.clock.now())
    wanted = select(ClientFiguresRow.assets_fen).order_by(ClientFiguresRow.client_id)
    return [fen // 100 for fen in await branch.database.read(lambda unit: unit.session.scalars(wanted).all())]


async def test_rows_are_taken_one_by_one_and_only_named_clients_are_meant(branch: Branch, counter: Counter) -> None:
    for number in ("A1", "A2"):
        await counter("PUT", f"/clients/{number}", {"name": "王岚"})
    rows = [held("A1", "1,500"), held("A9", "1"), held("a1", "1"), {"number": "A2", "on": "2027-01-01", "code": "1"}]
    pushed = (await counter("POST", "/holdings", {"rows": rows}, Idempotency_Key="k")).json()
    assert (pushed["new"], pushed["changed"], pushed["unchanged"]) == (1, 0, 0)
    faults = {(one["row"], fault["field"], fault["fault"]) for one in pushed["rejected"] for fault in one["faults"]}
    assert faults == {
        (1, "number", "no_client"),
        (2, "code", "twice"),
        (3, "on", "future"),
        (3, "quantity", "missing"),
        (3, "value", "missing"),
    }
    again = await counter("POST", "/holdings", {"rows": rows}, Idempotency_Key="k")
    assert again.json() == pushed
    assert (await counter("POST", "/holdings", {"rows": rows[:1]})).json()["unchanged"] == 1
    cash = {"rows": [{"number": number, "on": DAY, "cash": "10"} for number in ("A1", "A2")]}
    assert (await counter("POST", "/cash", cash)).json()["new"] == 2
    trade = {**held("A1", "1500"), "reference": "T1", "side": "买入"}
    assert (await counter("POST", "/trades", {"rows": [trade]})).json()["new"] == 1
    assert await assets(branch) == [1510]
    assert (await counter("PUT", f"/holding-days/{DAY}")).json() == {"on": DAY}
    assert await assets(branch) == [1510, 10]
    assert (await counter("PUT", "/holding-days/2027-01-01")).json()["code"] == "day_to_come"
    told = select(AuditRow.action, AuditRow.detail).where(AuditRow.action.like("%.push")).order_by(AuditRow.id)
    deeds = (await branch.database.read(lambda unit: unit.session.execute(told).all()))[:1]
    counts = {"new": 1, "changed": 0, "unchanged": 0, "rejected": 3}
    assert [tuple(deed) for deed in deeds] == [("holding.push", {"by": "integration:counter", **counts})]


async def test_products_are_rated_many_at_a_time(counter: Counter) -> None:
    good = {"product_code": "F1", "product_name": "稳健一号", "risk": "R2", "rated_on": "2026-10-01"}
    rows = [good, {**good, "product_code": "F2", "risk": "R9"}]
    pushed = (await counter("POST", "/products", {"rows": rows})).json()
    assert (pushed["new"], [(one["row"], one["faults"][0]["fault"]) for one in pushed["rejected"]]) == (
        1,
        [(1, "no_choice")],
    )
    assert (await counter("GET", "/products/F1")).json()["name"] == "稳健一号"


async def test_a_push_and_a_table_of_the_same_rows_meet(branch: Branch, counter: Counter, tmp_path: Path) -> None:
    await counter("PUT", "/clients/A1", {"name": "王岚"})

    def made(unit: Unit) -> Staff | None:
        staff.add(unit, NewStaff("h1", "h1", [Role.HEAD], ""), branch.clock.now())
        return staff.by_number(unit, "h1")

    head = await branch.database.write(made)
    assert head is not None
    codes = [str(600000 + number) for number in range(50)]
    path = table(tmp_path, HOLDING + "".join(f"A1,{DAY},{code},SH,,,1,,,1\n" for code in codes))
    wish = Wish(path, head, branch.clock.now(), extent=Extent.CLIENTS)
    rows = {"rows": [held("A1", "1", code) for code in codes]}
    pushes = [counter("POST", "/holdings", rows) for _ in range(3)]
    imported = asyncio.create_task(bring_in(branch.database, TableKind.HOLDING, wish))
    answers = await asyncio.gather(*pushes)
    await imported
    assert [answer.status_code for answer in answers] == [200] * 3
    counted = select(func.count()).select_from(HoldingRow)
    assert await branch.database.read(lambda unit: unit.session.scalar(counted)) == 50
