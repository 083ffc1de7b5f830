"""Reckons what follows from the statements of clients, set-wise, and only for those whose statements changed.

A day counts once its holdings are whole, for the branch or for the client: earlier, who has cash but no holding of it
might have sold everything or might just not have been imported yet. All windows end at the client's newest such day, so
that the same statements always give the same figures, whatever day it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from bot.vocabulary import AssetClass
from bot.vocabulary.clients import ASSET_BOUNDS
from storage.models import (
    BalanceRow,
    ClientClassRow,
    ClientDayRow,
    ClientFiguresRow,
    ClientRow,
    FiguresDueRow,
    HoldingClientDayRow,
    HoldingDayRow,
    HoldingRow,
    InstrumentRow,
    TradeRow,
)
from storage.types import UTCDateTime
from storage.unit import Unit
from storage.upserts import insertion

MEAN_DAYS = 30
PEAK_DAYS = 90
FEN = 100
"""In a yuan."""


@dataclass(frozen=True, slots=True)
class Due:
    """Clients whose figures are to be reckoned, and the first day on which anything of theirs changed."""

    clients: Sequence[int]
    since: date


def take_due(unit: Unit, limit: int) -> Due | None:
    """The next clients, taken from those who wait; they wait again if this transaction does not stand.

    Who changed after the newest whole day goes on waiting. Taken first, so that a change that comes meanwhile is
    noted anew and not lost.
    """
    row = FiguresDueRow
    newest = select(func.max(HoldingDayRow.on)).scalar_subquery()
    own = HoldingClientDayRow
    told = exists().where(own.client_id == row.client_id, own.on >= row.since)
    first = select(row.client_id).where(or_(row.since <= newest, told)).order_by(row.client_id).limit(limit)
    taken = delete(row).where(row.client_id.in_(first)).returning(row.client_id, row.since)
    found = unit.session.execute(taken).all()
    if not found:
        return None
    return Due(sorted(each.client_id for each in found), min(each.since for each in found))


def reckon(unit: Unit, due: Due, now: datetime) -> None:
    """Bring days, figures, what is held now, its classes and asset bands of these clients up to date."""
    _days(unit, due)
    old = (ClientClassRow.client_id.in_(due.clients), ClientClassRow.asset_class.in_(list(AssetClass)))
    unit.session.execute(delete(ClientClassRow).where(*old))
    before = _standing(unit, due.clients)
    for on, clients in sorted(_newest(unit, due.clients).items()):
        _figures(unit, clients, on, now)
        for since, some in sorted(_since(clients, before, due.since).items()):
            _past(unit, some, since, on)
        _current(unit, clients, on)
        _classes(unit, clients, on)
    _bands(unit, due.clients)


def _days(unit: Unit, due: Due) -> None:
    """Assets of each day: what was held on it, and the cash of that day, or of the last day that tells of cash."""
    day = ClientDayRow
    changed = (day.client_id.in_(due.clients), day.on >= due.since)
    unit.session.execute(delete(day).where(*changed))
    told = _told(HoldingRow.client_id, HoldingRow.on, due).union(_told(BalanceRow.client_id, BalanceRow.on, due))
    each = told.subquery()
    held = select(func.coalesce(_whole(func.sum(HoldingRow.value_fen)), 0)).where(
        HoldingRow.client_id == each.c.client_id, HoldingRow.on == each.c.on
    )
    cash = (
        select(BalanceRow.cash_fen)
        .where(BalanceRow.client_id == each.c.client_id, BalanceRow.on <= each.c.on)
        .order_by(BalanceRow.on.desc())
        .limit(1)
    )
    parts = select(
        each.c.client_id,
        each.c.on,
        held.scalar_subquery().label("held"),
        func.coalesce(cash.scalar_subquery(), 0).label("cash"),
    ).subquery()
    names = ["client_id", "on", "securities_fen", "cash_fen", "assets_fen"]
    values = select(parts.c.client_id, parts.c.on, parts.c.held, parts.c.cash, parts.c.held + parts.c.cash)
    unit.session.execute(insert(day).from_select(names, values))


def _told(client: InstrumentedAttribute[int], on: InstrumentedAttribute[date], due: Due) -> Select[int, date]:
    """The days on which a table tells of the clients, and that are whole for everybody or for them."""
    own = HoldingClientDayRow
    whole = or_(on.in_(select(HoldingDayRow.on)), exists().where(own.client_id == client, own.on == on))
    return select(client.label("client_id"), on.label("on")).where(client.in_(due.clients), on >= due.since, whole)


def _newest(unit: Unit, clients: Collection[int]) -> Mapping[date, list[int]]:
    """The clients by their newest day: mostly one day for all."""
    day = ClientDayRow
    newest = select(day.client_id, func.max(day.on).label("on")).where(day.client_id.in_(clients))
    found: dict[date, list[int]] = {}
    for each in unit.session.execute(newest.group_by(day.client_id).order_by(day.client_id)):
        found.setdefault(each.on, []).append(each.client_id)
    return found


def _figures(unit: Unit, clients: Sequence[int], on: date, now: datetime) -> None:
    """concentration: the largest holding of all assets. drawdown: from the highest assets of 90 days to those of now.

    turnover: value of all trades of 30 days, of the mean assets of those days that are known (`mean_fen`).
    All in whole percent, rounded down.
    """
    base = _sums(clients, on).subquery()
    values = select(
        base.c.client_id,
        literal(on),
        base.c.assets,
        base.c.cash,
        base.c.mean,
        _percent(base.c.largest, base.c.assets),
        _percent(base.c.peak - base.c.assets, base.c.peak),
        _percent(base.c.traded, base.c.mean),
        base.c.ratio,
        literal(now, UTCDateTime),
    ).where(base.c.client_id.is_not(None))
    names = [column.name for column in ClientFiguresRow.__table__.columns]
    wanted = insertion(unit, ClientFiguresRow).from_select(names, values)
    anew = {name: wanted.excluded[name] for name in names[1:]}
    unit.session.execute(wanted.on_conflict_do_update(index_elements=["client_id"], set_=anew))


def _sums(clients: Sequence[int], on: date) -> Select[Any]:
    day = ClientDayRow
    past = day.__table__.alias("past")
    mean = _whole(func.sum(past.c.assets_fen)) // func.count()
    held = select(func.coalesce(func.max(HoldingRow.value_fen), 0)).where(
        HoldingRow.client_id == day.client_id, HoldingRow.on == on
    )
    traded = select(func.coalesce(_whole(func.sum(TradeRow.value_fen)), 0)).where(
        TradeRow.client_id == day.client_id, TradeRow.on.between(*_window(on, MEAN_DAYS))
    )
    balance = BalanceRow
    told = (balance.client_id == day.client_id, balance.on <= on, balance.margin_ratio.is_not(None))
    ratio = select(balance.margin_ratio).where(*told).order_by(balance.on.desc()).limit(1)

    def over(value: ColumnElement[Any], days: int) -> ColumnElement[Any]:
        mine = (past.c.client_id == day.client_id, past.c.on.between(*_window(on, days)))
        return select(value).where(*mine).correlate(day).scalar_subquery()

    return select(
        day.client_id,
        day.assets_fen.label("assets"),
        day.cash_fen.label("cash"),
        over(mean, MEAN_DAYS).label("mean"),
        over(func.max(past.c.assets_fen), PEAK_DAYS).label("peak"),
        held.scalar_subquery().label("largest"),
        traded.scalar_subquery().label("traded"),
        ratio.scalar_subquery().label("ratio"),
    ).where(day.client_id.in_(clients), day.on == on)


def _window(on: date, days: int) -> tuple[date, date]:
    return on - timedelta(days=days - 1), on


def _percent(part: ColumnElement[Any], whole: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((whole > 0, part * 100 // whole), else_=None)


def _whole(value: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum as a whole number again: PostgreSQL sums into decimals, which would not be cut when divided."""
    return cast(value, BigInteger)


def _standing(unit: Unit, clients: Collection[int]) -> Mapping[int, date]:
    """The newest day of each client as it was reckoned last."""
    row = ClientFiguresRow
    found = unit.session.execute(select(row.client_id, row.on).where(row.client_id.in_(clients)))
    return {each.client_id: each.on for each in found}


def _since(clients: Sequence[int], before: Mapping[int, date], changed: date) -> Mapping[date, list[int]]:
    """Clients by the first day of which something may count as held now."""
    found: dict[date, list[int]] = {}
    for one in clients:
        found.setdefault(min(changed, before.get(one, changed)), []).append(one)
    return found


def _past(unit: Unit, clients: Sequence[int], since: date, on: date) -> None:
    """What was held now is no more; looked for among all days of a client it would take longer every evening."""
    row = HoldingRow
    mine = (row.client_id.in_(clients), row.on >= since, row.on != on, row.current)
    unit.session.execute(update(row).where(*mine).values(current=False))


def _current(unit: Unit, clients: Sequence[int], on: date) -> None:
    """What is held now is what was held on the newest day."""
    row = HoldingRow
    mine = (row.client_id.in_(clients), row.on == on, row.current.is_(False))
    unit.session.execute(update(row).where(*mine).values(current=True))


def _classes(unit: Unit, clients: Sequence[int], on: date) -> None:
    held, named = HoldingRow, InstrumentRow
    values = (
        select(named.asset_class, held.client_id, _whole(func.sum(held.value_fen)))
        .join(named, named.id == held.instrument_id)
        .where(held.client_id.in_(clients), held.on == on, held.quantity > Decimal(0))
        .group_by(named.asset_class, held.client_id)
    )
    unit.session.execute(insert(ClientClassRow).from_select(["asset_class", "client_id", "value_fen"], values))


def _bands(unit: Unit, clients: Sequence[int]) -> None:
    """By the mean of 30 days: who counts as wealthy must not change with the price of one day."""
    figures, client = ClientFiguresRow, ClientRow
    known = select(figures.client_id).where(figures.client_id.in_(clients))
    mean = select(figures.mean_fen).where(figures.client_id == client.id).scalar_subquery()
    falling = sorted(ASSET_BOUNDS.items(), key=lambda one: -one[1])
    band = case(*[(mean >= bound * FEN, name.value) for name, bound in falling], else_=falling[-1][0].value)
    changed = (client.id.in_(known), client.asset_band != band)
    unit.session.execute(update(client).where(*changed).values(asset_band=band))
