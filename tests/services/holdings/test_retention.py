"""Days long past go, of each month the last one stays, and no figure changes for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot.vocabulary import TableKind
from services.holdings import figures, retention
from storage.models import BalanceRow, ClientDayRow, ClientFiguresRow, HoldingClientDayRow, HoldingRow
from storage.repositories import holdings as rows
from storage.repositories.holdings import Instrument, Statement
from storage.unit import Database, Unit
from tests.services.holdings.book import NOW, book
from tests.services.holdings.test_figures import ids

NEWEST = date(2026, 11, 20)
DAYS = [NEWEST - timedelta(days=4 * back) for back in range(340, -1, -1)]
"""Three years and nine months."""


@dataclass(frozen=True)
class Told:
    """The days of a client's holdings and cash; a margin ratio comes with the first cash of a year."""

    held: Sequence[date]
    cash: Sequence[date]

    def kept(self) -> set[date]:
        """The days that should stay."""
        newest = max(self.held)
        last = {(on.year, on.month): on for on in sorted(self.held)}
        since = (newest - timedelta(days=90)).replace(day=1)
        first = newest.replace(day=1, year=newest.year - 3)
        return {on for on in self.held if on >= first and (on >= since or on in last.values())}


CLIENTS = [
    Told(DAYS, DAYS),
    Told(DAYS[1:], DAYS[::20]),
    Told(DAYS[:200], DAYS[:200:3]),  # nobody told of them any more
    Told(DAYS[-3:], ()),
]


def told(unit: Unit, clients: Sequence[int]) -> None:
    instrument = rows.instruments(unit, [Instrument("I0")], dry=False)["I0"]
    held = {"instrument_id": instrument, "quantity": Decimal(1)}
    holdings = [
        Statement(one, on, {**held, "value_fen": 1000 + on.toordinal() % 97})
        for one, client in zip(clients, CLIENTS, strict=True)
        for on in client.held
    ]
    cash = [
        Statement(
            one, on, {"cash_fen": on.toordinal() % 89, "margin_ratio": 200 + on.year % 7 if on.month == 1 else None}
        )
        for one, client in zip(clients, CLIENTS, strict=True)
        for on in client.cash
    ]
    rows.bring_in(unit, TableKind.HOLDING, holdings, dry=False)
    rows.bring_in(unit, TableKind.BALANCE, cash, dry=False)
    rows.tell_client_days(unit, [(clients[0], on) for on in CLIENTS[0].held])
    rows.tell_days(unit, DAYS)


def whole(unit: Unit) -> tuple[Any, ...]:
    """All figures but turnover and when they were reckoned, and the days of each client."""
    row, day = ClientFiguresRow, ClientDayRow
    shares = (row.concentration, row.drawdown, row.margin_ratio)
    found = select(row.client_id, row.on, row.assets_fen, row.cash_fen, row.mean_fen, *shares).order_by(row.client_id)
    days = select(day.client_id, day.on, day.assets_fen, day.cash_fen).order_by(day.client_id, day.on)
    return unit.session.execute(found).all(), unit.session.execute(days).all()


async def thinned(database: Database) -> int:
    """Let every night of a round come."""
    return sum([await retention.thin(database, NEWEST + timedelta(days=night)) for night in range(retention.NIGHTS)])


async def test_of_a_month_the_last_day_stays_and_figures_follow_as_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "NIGHTS", 2)
    monkeypatch.setattr(retention, "CHUNK", 1)
    await book(database, *(f"A{place}" for place in range(len(CLIENTS))))
    clients = await ids(database)
    await database.write(lambda unit: told(unit, clients))
    await figures.refresh(database, NOW)
    before, days = await database.read(whole)
    kept = {(one, on) for one, client in zip(clients, CLIENTS, strict=True) for on in client.kept()}
    assert await thinned(database) == len(days) - len(kept)
    after = await database.read(whole)
    assert after == (before, [row for row in days if (row.client_id, row.on) in kept])
    held = await database.read(lambda unit: Counter(unit.session.scalars(select(HoldingRow.client_id))))
    assert held == Counter(one for one, _ in kept)
    own = await database.read(lambda unit: unit.session.scalars(select(HoldingClientDayRow.on)).all())
    assert set(own) == CLIENTS[0].kept()
    cash = await database.read(lambda unit: unit.session.scalars(select(BalanceRow.client_id)).all())
    assert len(CLIENTS[0].kept()) <= cash.count(clients[0]) < 100
    for one in clients:
        await database.write(partial(rows.due_anew, client_id=one))
    assert await thinned(database) == 0
    await figures.refresh(database, NOW)
    await thinned(database)
    assert await database.read(whole) == after
