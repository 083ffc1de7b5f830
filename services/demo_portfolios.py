"""What the demo's clients hold: fictional instruments, priced the same at every run.

The named persons have ninety days of it and bought something once; the others have the last day only.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property
from random import Random
from typing import Any

from bot.vocabulary import AssetBand, AssetClass, Side, TableKind
from bot.vocabulary.clients import ASSET_BOUNDS
from services.demo import YOURSELF
from storage import seeds
from storage.repositories import holdings as rows
from storage.repositories.clients import NewClient
from storage.repositories.holdings import Instrument, Statement
from storage.unit import Unit

DAYS = 90
SEED = 184
"""Of prices that fell from their height by a fifth at most, so that there is a drawdown to be seen."""
NAMED = "D0"
"""How the numbers of the named persons begin."""
_LOWEST_ASSETS = 20_000
"""In yuan, of a client whose band has no lower bound."""
_SATURDAY = 5

Columns = Mapping[str, object]
"""Of a statement, by name."""


@dataclass(frozen=True)
class Market:
    """The instruments and their prices on the working days before today."""

    today: date

    @cached_property
    def days(self) -> list[date]:
        """Working days of the last ninety, without holidays: nobody trades here."""
        past = [self.today - timedelta(days=back) for back in range(DAYS, 0, -1)]
        return [day for day in past if day.weekday() < _SATURDAY]

    @cached_property
    def prices(self) -> Mapping[str, list[Decimal]]:
        """By code, for each of the days."""
        return {one["code"]: list(self._walk(one)) for one in _seed()["instruments"]}

    def _walk(self, one: Mapping[str, Any]) -> Iterator[Decimal]:
        """Up and down around the price of the file, never far from it."""
        draw = Random(f"{SEED}{one['code']}")  # noqa: S311 - fictional prices, the same at every run
        price = first = Decimal(str(one["price"]))
        for _ in self.days:
            back = (first - price) / first / 30
            swing = Decimal(str(one["swing"])) / 100 * Decimal(draw.uniform(-1, 1))
            price = (price * (1 + swing + back)).quantize(Decimal("0.001"))
            yield price


@dataclass(frozen=True)
class Account:
    """What a client has on the days of a market, instruments by their code."""

    client: NewClient
    market: Market

    @cached_property
    def days(self) -> list[tuple[int, date]]:
        """The days that are told, by their place."""
        told = list(enumerate(self.market.days))
        return told if self.named else told[-1:]

    @cached_property
    def named(self) -> bool:
        """Whether it is one of the persons with a story, or the reader's own."""
        return self.client.number.startswith(NAMED) or self.client.number == YOURSELF

    @cached_property
    def assets(self) -> Decimal:
        """On the last day, in yuan: well inside the client's band."""
        return Decimal(max(ASSET_BOUNDS[self.client.asset_band] * 14 // 10, _LOWEST_ASSETS))

    @cached_property
    def mix(self) -> Mapping[str, int]:
        """Percent of the assets by instrument."""
        found: Mapping[str, int] = _seed()["portfolios"][self.client.risk_level or "none"]
        return found

    @cached_property
    def held(self) -> Mapping[str, Decimal]:
        """Units on the last day."""
        last = {code: prices[-1] for code, prices in self.market.prices.items()}
        return {code: _units(self.assets * share / 100, last[code]) for code, share in self.mix.items()}

    @cached_property
    def bought(self) -> "Bought":
        """What a named person bought one day: a fifth of what comes first in the mix."""
        code, place = next(iter(self.mix)), len(self.market.days) * 3 // 4
        quantity = _units(self.held[code], Decimal(5)) if self.named else Decimal(0)
        return Bought(code, place, quantity, _fen(quantity * self.market.prices[code][place]))

    def holdings(self) -> Iterator[tuple[date, Columns]]:
        """A row for each day and instrument."""
        for place, on in self.days:
            for code, units in self.held.items():
                later = code == self.bought.code and place < self.bought.place
                quantity = units - self.bought.quantity if later else units
                price = self.market.prices[code][place]
                paid = _fen(quantity * self.market.prices[code][0])
                value = {"quantity": quantity, "cost_fen": paid, "price": price, "value_fen": _fen(quantity * price)}
                yield on, {"instrument_id": code, **value}

    def balances(self) -> Iterator[tuple[date, Columns]]:
        """A row for each day."""
        cash = _fen(self.assets * (100 - sum(self.mix.values())) / 100)
        for place, on in self.days:
            kept = self.bought.paid_fen if place < self.bought.place else 0
            yield on, {"cash_fen": cash + kept, "margin_ratio": _margin(self.client)}

    def trades(self) -> Iterator[tuple[date, Columns]]:
        """What was bought."""
        one = self.bought
        if one.quantity:
            trade = {"side": Side.BUY, "quantity": one.quantity, "value_fen": one.paid_fen}
            yield self.market.days[one.place], {"reference": "1", "instrument_id": one.code, **trade}


@dataclass(frozen=True, slots=True)
class Bought:
    """One trade: of which instrument, at which place among the days, and for how much."""

    code: str
    place: int
    quantity: Decimal
    paid_fen: int


_TABLES = {
    TableKind.HOLDING: Account.holdings,
    TableKind.BALANCE: Account.balances,
    TableKind.TRADE: Account.trades,
}


def accounts(clients: Sequence[NewClient], today: date) -> list[Account]:
    """Of the clients whose assets are known."""
    market = Market(today)
    return [Account(client, market) for client in clients if client.asset_band is not AssetBand.UNKNOWN]


def write(unit: Unit, clients: Sequence[NewClient], ids: Mapping[str, int], today: date) -> None:
    """Tell of holdings, trades and cash as imports do; `ids` by client number."""
    told = [Instrument(one["code"], one["name"], AssetClass(one["asset_class"])) for one in _seed()["instruments"]]
    instruments = rows.instruments(unit, told, dry=False)
    known = accounts(clients, today)
    for kind, table in _TABLES.items():
        statements = [
            Statement(ids[account.client.number], on, _with_id(columns, instruments))
            for account in known
            for on, columns in table(account)
        ]
        rows.bring_in(unit, kind, statements, dry=False)
    rows.tell_days(unit, Market(today).days)


def _margin(client: NewClient) -> int | None:
    margin = _seed()["margin"]
    if margin["tag"] not in client.tags:
        return None
    return int(margin["ratios"].get(client.number, 180 + int(client.number[1:]) % 120))


def _units(value: Decimal, price: Decimal) -> Decimal:
    return (value / price).quantize(Decimal(1), ROUND_FLOOR)


def _fen(yuan: Decimal) -> int:
    return int((yuan * 100).to_integral_value())


def _with_id(columns: Columns, instruments: Mapping[str, int]) -> Columns:
    code = columns.get("instrument_id")
    return columns if code is None else {**columns, "instrument_id": instruments[str(code)]}


def _seed() -> Mapping[str, Any]:
    found: Mapping[str, Any] = seeds.read("demo/portfolios.yaml")
    return found
