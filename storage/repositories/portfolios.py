"""Reading what one client holds, had and traded."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from bot.vocabulary import AssetClass, Side
from storage.models import ClientClassRow, ClientDayRow, ClientFiguresRow, HoldingRow, InstrumentRow, TradeRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Figures:
    """A client on their newest day: amounts in fen, shares in whole percent, None where nothing can be said."""

    on: date
    assets_fen: int
    cash_fen: int
    mean_fen: int
    concentration: int | None
    drawdown: int | None
    turnover: int | None
    margin_ratio: int | None


@dataclass(frozen=True, slots=True)
class Position:
    """One instrument that a client holds."""

    code: str
    name: str
    asset_class: AssetClass
    quantity: Decimal
    cost_fen: int | None
    price: Decimal | None
    value_fen: int


@dataclass(frozen=True, slots=True)
class Day:
    """What a client had on a day, in fen."""

    on: date
    securities_fen: int
    cash_fen: int
    assets_fen: int


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade of a client."""

    on: date
    code: str
    name: str
    side: Side
    quantity: Decimal
    value_fen: int


def figures(unit: Unit, client_id: int) -> Figures | None:
    """The figures; None where nothing was reckoned."""
    row = unit.session.get(ClientFiguresRow, client_id)
    if row is None:
        return None
    shares = (row.concentration, row.drawdown, row.turnover, row.margin_ratio)
    return Figures(row.on, row.assets_fen, row.cash_fen, row.mean_fen, *shares)


def positions(unit: Unit, client_id: int, on: date) -> list[Position]:
    """What a client held on a day, the largest first."""
    held, named = HoldingRow, InstrumentRow
    wanted = (
        select(named.code, named.name, named.asset_class, held.quantity, held.cost_fen, held.price, held.value_fen)
        .join(named, named.id == held.instrument_id)
        .where(held.client_id == client_id, held.on == on)
        .order_by(held.value_fen.desc(), named.code)
    )
    return [Position(*row) for row in unit.session.execute(wanted)]


def classes(unit: Unit, client_id: int) -> list[tuple[AssetClass, int]]:
    """The value of what a client holds on their newest day by class, in fen, the largest first."""
    row = ClientClassRow
    mine = (row.client_id == client_id, row.asset_class.in_(list(AssetClass)))
    wanted = select(row.asset_class, row.value_fen).where(*mine).order_by(row.value_fen.desc(), row.asset_class)
    return [(each.asset_class, each.value_fen) for each in unit.session.execute(wanted)]


def days(unit: Unit, client_id: int, since: date) -> list[Day]:
    """The days that are known from a day on, in order."""
    row = ClientDayRow
    wanted = select(row.on, row.securities_fen, row.cash_fen, row.assets_fen)
    found = unit.session.execute(wanted.where(row.client_id == client_id, row.on >= since).order_by(row.on))
    return [Day(*each) for each in found]


def trades(unit: Unit, client_id: int, limit: int) -> list[Trade]:
    """The newest trades first."""
    row, named = TradeRow, InstrumentRow
    wanted = (
        select(row.on, named.code, named.name, row.side, row.quantity, row.value_fen)
        .join(named, named.id == row.instrument_id)
        .where(row.client_id == client_id)
        .order_by(row.on.desc(), row.reference.desc())
        .limit(limit)
    )
    return [Trade(*each) for each in unit.session.execute(wanted)]
