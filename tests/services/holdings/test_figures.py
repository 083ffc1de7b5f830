"""Figures follow from statements as a slow reading of them says, and only changed clients are reckoned again."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import select, update

from bot.vocabulary import AssetBand, AssetClass, Side, TableKind
from bot.vocabulary.clients import ASSET_BOUNDS
from services.holdings import figures, portfolio
from storage.models import ClientFiguresRow, ClientRow, FiguresDueRow, HoldingRow
from storage.repositories import holdings as rows
from storage.repositories.holdings import Instrument, Statement
from storage.unit import Database, Unit
from tests.services.holdings.book import NOW, book

FIRST = date(2026, 6, 1)
DAYS = [FIRST + timedelta(days=step) for step in (0, 30, 60, 61, 89, 90, 119, 120)]
"""Ends of windows are met."""


@dataclass
class Account:
    """What is told of one client: values by day and instrument, cash by day, and trades.

    With the cash of an odd day comes a margin ratio: its number.
    """

    held: dict[date, list[int]] = field(default_factory=dict)
    cash: dict[date, int] = field(default_factory=dict)
    traded: list[tuple[date, int]] = field(default_factory=list)

    def days(self) -> dict[date, int]:
        """Assets by day."""
        told = sorted({*self.held, *(on for on in self.cash if on in DAYS)})
        return {on: sum(self.held.get(on, [])) + self._cash(on) for on in told}

    def _cash(self, on: date) -> int:
        earlier = [day for day in sorted(self.cash) if day <= on]
        return self.cash[earlier[-1]] if earlier else 0

    def figures(self) -> tuple[object, ...] | None:
        """As `ClientFiguresRow` has them, in its order."""
        days = self.days()
        if not days:
            return None
        on = max(days)
        month = [value for day, value in days.items() if day > on - timedelta(days=30)]
        peak = max(value for day, value in days.items() if day > on - timedelta(days=90))
        mean = cut(sum(month), len(month)) or 0
        largest = max(self.held.get(on, []), default=0)
        traded = sum(value for day, value in self.traded if on - timedelta(days=30) < day <= on)
        shares = (cut(largest * 100, days[on]), cut((peak - days[on]) * 100, peak), cut(traded * 100, mean))
        ratios = [day.day for day in sorted(self.cash) if day <= on and day.day % 2]
        return (on, days[on], self._cash(on), mean, *shares, ratios[-1] if ratios else None)


def cut(part: int, whole: int) -> int | None:
    """Divided and cut, as databases do it."""
    return None if whole <= 0 else abs(part) // whole * (1 if part >= 0 else -1)


def drawn(draw: Random) -> Account:
    """An account with gaps, debts and sellings."""
    account = Account()
    for on in DAYS:
        if draw.random() < 0.6:
            account.held[on] = [draw.randrange(10**8) for _ in range(draw.randrange(1, 4))]
        if draw.random() < 0.5:
            account.cash[on + timedelta(days=draw.choice((0, 0, 1)))] = draw.randrange(-(10**7), 10**8)
        if draw.random() < 0.5:
            account.traded.append((on, draw.randrange(10**8)))
    return account


def told(unit: Unit, accounts: dict[int, Account]) -> None:
    """Write accounts as imports do."""
    ids = list(rows.instruments(unit, [Instrument(f"I{place}") for place in range(3)], dry=False).values())
    held = [
        Statement(client_id, on, {"instrument_id": ids[place], "quantity": Decimal(1), "value_fen": value})
        for client_id, account in accounts.items()
        for on, values in account.held.items()
        for place, value in enumerate(values)
    ]
    cash = [
        Statement(one, on, {"cash_fen": fen, "margin_ratio": on.day if on.day % 2 else None})
        for one, account in accounts.items()
        for on, fen in account.cash.items()
    ]
    trades = [
        _trade(one, ids[0], place, *each)
        for one, account in accounts.items()
        for place, each in enumerate(account.traded)
    ]
    for kind, statements in ((TableKind.HOLDING, held), (TableKind.BALANCE, cash), (TableKind.TRADE, trades)):
        rows.bring_in(unit, kind, statements, dry=False)
    rows.tell_days(unit, DAYS)


def _trade(client_id: int, instrument_id: int, place: int, on: date, value: int) -> Statement:
    columns = {"reference": str(place), "instrument_id": instrument_id, "side": Side.BUY, "quantity": Decimal(1)}
    return Statement(client_id, on, {**columns, "value_fen": value})


async def ids(database: Database) -> list[int]:
    """Of all clients, in order."""
    return await database.read(lambda unit: list(unit.session.scalars(select(ClientRow.id).order_by(ClientRow.number))))


def reckoned(unit: Unit, client_id: int) -> tuple[object, ...] | None:
    """The figures as the database has them."""
    row = unit.session.get(ClientFiguresRow, client_id)
    if row is None:
        return None
    shares = (row.concentration, row.drawdown, row.turnover, row.margin_ratio)
    return (row.on, row.assets_fen, row.cash_fen, row.mean_fen, *shares)


def held_now(unit: Unit) -> set[tuple[int, date]]:
    """Clients and the days of what counts as held now."""
    row = HoldingRow
    return {
        (each.client_id, each.on) for each in unit.session.execute(select(row.client_id, row.on).where(row.current))
    }


async def written(database: Database, accounts: dict[int, Account]) -> None:
    """Write accounts in one transaction."""
    await database.write(lambda unit: told(unit, accounts))


async def read(database: Database, clients: list[int]) -> dict[int, tuple[object, ...] | None]:
    """The figures of clients."""
    return await database.read(lambda unit: {client_id: reckoned(unit, client_id) for client_id in clients})


async def test_sql_agrees_with_the_slow_reading_and_reckons_only_what_changed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "CHUNK", 16)
    draw = Random(11)  # noqa: S311 - no secret
    await book(database, *(f"A{place:02}" for place in range(25)))
    accounts = {client_id: drawn(draw) for client_id in await ids(database)}
    await written(database, accounts)
    assert await figures.refresh(database, NOW) == 25
    assert await read(database, list(accounts)) == {one: account.figures() for one, account in accounts.items()}
    changed = {one: account for one, account in accounts.items() if one % 3 == 0 and account.held}
    for account in changed.values():
        account.held = {on: [value // 2 + 1 for value in values] for on, values in account.held.items()}
    await written(database, accounts)
    assert await figures.refresh(database, NOW) == len(changed)
    assert await read(database, list(accounts)) == {one: account.figures() for one, account in accounts.items()}
    assert await figures.refresh(database, NOW) == 0


async def test_what_is_held_now_moves_on_with_the_newest_day(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "CHUNK", 3)
    await book(database, *(f"A{place}" for place in range(4)))
    accounts = {client_id: Account({on: [1, 2]}) for client_id, on in zip(await ids(database), DAYS, strict=False)}
    first, second, third, fourth = accounts
    await written(database, accounts)
    await figures.refresh(database, NOW)
    assert await database.read(held_now) == {(first, DAYS[0]), (second, DAYS[1]), (third, DAYS[2]), (fourth, DAYS[3])}
    for one in (first, second):
        accounts[one].held[DAYS[4]] = [3]
    accounts[third].held[DAYS[0]] = [4]
    await written(database, accounts)
    await figures.refresh(database, NOW)
    assert await database.read(held_now) == {(first, DAYS[4]), (second, DAYS[4]), (third, DAYS[2]), (fourth, DAYS[3])}

    def merged(unit: Unit) -> None:
        """The first client gets the fourth's statements, as they stand."""
        unit.session.execute(update(HoldingRow).where(HoldingRow.client_id == fourth).values(client_id=first))
        rows.due_anew(unit, first)

    await database.write(merged)
    await figures.refresh(database, NOW)
    assert await database.read(held_now) == {(first, DAYS[4]), (second, DAYS[4]), (third, DAYS[2])}


async def test_bands_and_what_is_held_now_follow_and_who_sold_everything_holds_nothing(database: Database) -> None:
    await book(database, "A1", "A2", "A3")
    one, two, three = await ids(database)
    first, last = DAYS[:2]
    held = {first: [60_000_000_00], last: [30_000_000_00, 1]}
    sold = Account({first: [500]}, {first: 1, last: 4_999_999})
    await written(database, {one: Account(held), two: sold, three: Account({}, {DAYS[-1] + timedelta(days=1): 7})})
    assert await figures.refresh(database, NOW) == 2

    def look(unit: Unit) -> None:
        bands = unit.session.scalars(select(ClientRow.asset_band).order_by(ClientRow.number)).all()
        assert bands == [AssetBand.FROM_500, AssetBand.UNDER_5, AssetBand.UNKNOWN]
        mine, theirs = portfolio.portfolio(unit, one), portfolio.portfolio(unit, two)
        assert mine is not None
        assert theirs is not None
        assert [each.value_fen for each in mine.positions] == [30_000_000_00, 1]
        assert [(part.asset_class, part.value_fen) for part in mine.parts] == [
            (AssetClass.OTHER, 30_000_000_01),
            (None, 0),
        ]
        assert (mine.figures.drawdown, mine.days[0].assets_fen) == (49, 60_000_000_00)
        assert (theirs.positions, theirs.figures.assets_fen, theirs.figures.concentration) == ([], 4_999_999, 0)
        assert portfolio.portfolio(unit, three) is None
        assert unit.session.scalars(select(FiguresDueRow.client_id)).all() == [three]

    await database.read(look)


async def test_a_class_that_was_told_wrongly_is_put_right_for_whoever_holds_it(database: Database) -> None:
    await book(database, "A1", "A2")
    one, two = await ids(database)
    await written(database, {one: Account({DAYS[0]: [5], DAYS[1]: [7, 2]}), two: Account({DAYS[1]: []}, {DAYS[1]: 3})})
    await figures.refresh(database, NOW)
    again = Instrument("I0", asset_class=AssetClass.FUND)
    await database.write(lambda unit: rows.instruments(unit, [again], dry=False))
    assert await figures.refresh(database, NOW) == 1
    parts = await database.read(lambda unit: portfolio.allocation(unit, one))
    assert [(part.asset_class, part.value_fen) for part in parts] == [
        (AssetClass.FUND, 7),
        (AssetClass.OTHER, 2),
        (None, 0),
    ]


def test_every_band_has_its_bound_in_rising_order() -> None:
    assert list(ASSET_BOUNDS) == [band for band in AssetBand if band is not AssetBand.UNKNOWN]
    assert sorted(ASSET_BOUNDS.values()) == list(ASSET_BOUNDS.values())
