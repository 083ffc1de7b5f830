"""What the crowd holds, trades and talks, drawn at random and the same in every run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import insert, select

from bot.vocabulary import AssetClass, Side
from storage.models import Base, ChatDayRow, ClientClassRow, ClientFiguresRow, HoldingRow, InstrumentRow, TradeRow
from storage.segment_tests import TEN_THOUSAND_YUAN
from storage.unit import Unit

INSTRUMENTS = {"600519.SH": AssetClass.SHARE, "000001.SZ": AssetClass.SHARE, "000001.OF": AssetClass.FUND}
SHARES = ("concentration", "drawdown", "turnover", "margin_ratio")
RECKONED = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Wealth:
    """Quantities held by instrument, figures where there are any, and the days of trades and of messages."""

    held: dict[str, int]
    figures: dict[str, int | None] | None
    traded: tuple[date, ...]
    wrote: frozenset[date]


def wealth(number: int, today: date, spans: Sequence[int]) -> Wealth:
    """One client's."""
    draw = Random(number)  # noqa: S311 - no secret
    figures = {name: draw.choice((None, draw.randrange(121))) for name in SHARES}
    known = draw.random() < 0.6
    return Wealth(
        held={code: draw.randrange(3) for code in draw.sample(list(INSTRUMENTS), draw.randrange(3)) if known},
        figures={**figures, "assets": draw.randrange(121)} if known else None,
        traded=tuple(today - timedelta(days=days) for days in draw.sample(spans, draw.randrange(3))),
        wrote=frozenset(today - timedelta(days=draw.randrange(33)) for _ in range(draw.randrange(6))),
    )


def rows(unit: Unit, all_of_it: Mapping[int, Wealth], today: date) -> list[tuple[type[Base], list[dict[str, object]]]]:
    """What is to be written, by client id; the instruments are written first."""
    named = [{"code": code, "name": code, "asset_class": kind} for code, kind in INSTRUMENTS.items()]
    unit.session.execute(insert(InstrumentRow), named)
    ids = {row.code: row.id for row in unit.session.execute(select(InstrumentRow.code, InstrumentRow.id))}
    held = [_held(one, ids[code], number, today) for one, his in all_of_it.items() for code, number in his.held.items()]
    sold = [{**held[0], "on": today - timedelta(days=1), "current": False}]
    trades = [_trade(one, on, ids["600519.SH"]) for one, his in all_of_it.items() for on in his.traded]
    figures = [_figures(one, his.figures, today) for one, his in all_of_it.items() if his.figures]
    days = [{"client_id": one, "on": on} for one, his in all_of_it.items() for on in his.wrote]
    classes = [
        {"client_id": one, "asset_class": kind, "value_fen": 1}
        for one, his in all_of_it.items()
        for kind in sorted({INSTRUMENTS[code] for code, number in his.held.items() if number})
    ]
    figures_rows = [(ClientFiguresRow, figures), (ClientClassRow, classes)]
    return [(HoldingRow, held + sold), (TradeRow, trades), (ChatDayRow, days), *figures_rows]


def _held(client_id: int, instrument_id: int, quantity: int, today: date) -> dict[str, object]:
    values = {"quantity": Decimal(quantity), "value_fen": 1, "current": True}
    return {"client_id": client_id, "on": today, "instrument_id": instrument_id, **values}


def _trade(client_id: int, on: date, instrument_id: int) -> dict[str, object]:
    values = {"side": Side.BUY, "quantity": Decimal(1), "value_fen": 1}
    return {"client_id": client_id, "on": on, "reference": "1", "instrument_id": instrument_id, **values}


def _figures(client_id: int, figures: Mapping[str, int | None], today: date) -> dict[str, object]:
    mean = (figures["assets"] or 0) * TEN_THOUSAND_YUAN + TEN_THOUSAND_YUAN - 1
    sums = {"assets_fen": 0, "cash_fen": 0, "mean_fen": mean, "on": today, "reckoned_at": RECKONED}
    return {"client_id": client_id, **sums, **{name: figures[name] for name in SHARES}}
