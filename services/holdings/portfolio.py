"""What a page shows of one client's holdings; whether the reader may see the client is asked before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.vocabulary import AssetClass
from services import audit
from services.audit import Deed
from storage.repositories import portfolios as rows
from storage.repositories.portfolios import Day, Figures, Position, Trade
from storage.unit import Unit

DAYS = 90
"""Of the series of values."""
TRADES = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A class of what a client has, cash with None; amounts in fen."""

    asset_class: AssetClass | None
    value_fen: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All of it: figures, what is held (largest first), its parts, 90 days of values, and the newest trades."""

    figures: Figures
    positions: list[Position]
    parts: list[Part]
    days: list[Day]
    trades: list[Trade]


def portfolio(unit: Unit, client_id: int) -> Portfolio | None:
    """A client's portfolio on their newest day; None where no holdings were ever imported of them."""
    figures = rows.figures(unit, client_id)
    if figures is None:
        return None
    on = figures.on
    return Portfolio(
        figures,
        rows.positions(unit, client_id, on),
        _parts(unit, client_id, figures),
        rows.days(unit, client_id, on - timedelta(days=DAYS - 1)),
        rows.trades(unit, client_id, TRADES),
    )


def looked_at(unit: Unit, staff_id: int, client_id: int, at: datetime) -> None:
    """Write down who looked at what a client holds."""
    audit.record(unit, Deed("client.holdings", f"client:{client_id}", at, staff_id))


def allocation(unit: Unit, client_id: int) -> list[Part]:
    """Value by class, the largest first, and then the cash; empty where nothing is known."""
    figures = rows.figures(unit, client_id)
    return [] if figures is None else _parts(unit, client_id, figures)


def _parts(unit: Unit, client_id: int, figures: Figures) -> list[Part]:
    held = [Part(*each) for each in rows.classes(unit, client_id)]
    return [*held, Part(None, figures.cash_fen)]
