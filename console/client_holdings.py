"""What a client holds: its parts, its weights, and its value day by day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from starlette.responses import Response

from bot.clock import branch_date
from bot.vocabulary import Action
from console import charts, faults
from console.charts import Line
from console.clients import allowed, readable, tabs
from console.visits import Visit
from services.holdings.portfolio import Portfolio, looked_at, portfolio
from storage.repositories.client_lists import Item
from storage.unit import Unit

FEN = 100
"""Fen in a yuan."""


@dataclass(frozen=True, slots=True)
class Valued:
    """The value in yuan day by day: its line, with its first, middle and last day below."""

    line: Line
    marks: tuple[date, ...]


async def show(visit: Visit) -> Response:
    """The page; empty where nothing was ever imported of the client."""
    database, now = visit.console.database, visit.console.clock.now()
    item, found = await database.read(lambda unit: _shown(visit, unit))
    if found is not None:
        await database.write(lambda unit: looked_at(unit, visit.staff.id, item.id, now))
    return visit.page(
        "client_holdings.html.j2",
        item=item,
        tabs=tabs(visit, item),
        portfolio=found,
        valued=_valued(found) if found else None,
        bar=charts.bar,
        money=money,
        exact=exact,
        share=share,
        today_on=branch_date(now),
    )


def _shown(visit: Visit, unit: Unit) -> tuple[Item, Portfolio | None]:
    item = readable(visit, unit)
    if not allowed(visit, Action.NOTE_CLIENTS, item):
        raise faults.NotFound("page_unknown")
    return item, portfolio(unit, item.id)


def _valued(found: Portfolio) -> Valued | None:
    days = found.days
    if not days:
        return None
    drawn = charts.line([day.on.toordinal() for day in days], [day.assets_fen // FEN for day in days])
    ends = (days[0].on, days[len(days) // 2].on, days[-1].on)
    return Valued(drawn, tuple(dict.fromkeys(ends)))


def money(fen: int, places: int = 2) -> str:
    """An amount in yuan, with separators and a true minus sign."""
    sign = "\u2212" if fen < 0 else ""
    return f"{sign}\u00a5{Decimal(abs(fen)) / FEN:,.{places}f}"


def exact(number: Decimal) -> str:
    """A quantity or a price with the places it has."""
    return f"{number.normalize():,f}"


def share(part: int, whole: int) -> str:
    """A share in percent, one place; a dash of nothing."""
    return f"{100 * part / whole:.1f}%" if whole > 0 else "\u2013"
