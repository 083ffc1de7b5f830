"""Removing what clients held and had on days long past: of each month the client's last day stays.

Everything is counted from the client's own newest day, as all windows end there: whoever was not told of for a year
keeps what their figures rest on.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, case, delete, exists, extract, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from storage.models import (
    BalanceRow,
    Base,
    ClientDayRow,
    ClientFiguresRow,
    FiguresDueRow,
    HoldingClientDayRow,
    HoldingRow,
)
from storage.unit import Unit

Day = InstrumentedAttribute[date]


@dataclass(frozen=True, slots=True)
class Share:
    """Every `of`-th client, beginning with the one whose id leaves `rest`."""

    rest: int
    of: int


@dataclass(frozen=True, slots=True)
class Past:
    """Before `thin` the last days of months are kept, before `gone` nothing is."""

    thin: date
    gone: date


@dataclass(frozen=True, slots=True)
class Standing:
    """A client's newest day, and since when statements of theirs wait to be reckoned, if any do."""

    client_id: int
    newest: date
    due: date | None


def following(unit: Unit, share: Share, after: int, limit: int) -> list[Standing]:
    """The next clients of a share by id."""
    row, due = ClientFiguresRow, FiguresDueRow
    mine = (row.client_id > after, row.client_id % share.of == share.rest)
    wanted = select(row.client_id, row.on, due.since).outerjoin(due, due.client_id == row.client_id).where(*mine)
    return [Standing(*each) for each in unit.session.execute(wanted.order_by(row.client_id).limit(limit))]


def thin(unit: Unit, clients: Collection[int], past: Past) -> int:
    """Remove what need not be kept of these clients; returns how many of their days went."""
    went = _removed(unit, ClientDayRow, _days(clients, past))
    _removed(unit, HoldingRow, and_(_unknown(HoldingRow, clients, past), ~HoldingRow.current))
    _removed(unit, HoldingClientDayRow, _unknown(HoldingClientDayRow, clients, past))
    _removed(unit, BalanceRow, _balances(clients, past))
    return went


def _removed(unit: Unit, row: type[Base], clause: ColumnElement[bool]) -> int:
    return unit.connection.execute(delete(row).where(clause)).rowcount


def _days(clients: Collection[int], past: Past) -> ColumnElement[bool]:
    day, later = ClientDayRow, aliased(ClientDayRow)
    old = (later.client_id == day.client_id, later.on > day.on, later.on < past.thin)
    another = exists().where(*old, _same_month(later.on, day.on))
    return and_(day.client_id.in_(clients), or_(day.on < past.gone, and_(day.on < past.thin, another)))


def _unknown(row: type[HoldingRow | HoldingClientDayRow], clients: Collection[int], past: Past) -> ColumnElement[bool]:
    """What is told of days that are no longer known."""
    day = ClientDayRow
    known = exists().where(day.client_id == row.client_id, day.on == row.on)
    return and_(row.client_id.in_(clients), row.on < past.thin, ~known)


def _balances(clients: Collection[int], past: Past) -> ColumnElement[bool]:
    """Those on which no day that is kept rests: cash and ratio hold until they are told anew."""
    row, day = BalanceRow, ClientDayRow
    told = case((row.margin_ratio.is_not(None), row.on))
    anew = func.min(told).over(partition_by=row.client_id, order_by=row.on, rows=(1, None))
    next_one = func.lead(row.on).over(partition_by=row.client_id, order_by=row.on)
    until = case((row.margin_ratio.is_(None), next_one), else_=anew).label("until")
    each = select(row.client_id, row.on, until).where(row.client_id.in_(clients)).subquery()
    rests = exists().where(day.client_id == each.c.client_id, day.on >= each.c.on, day.on < each.c.until)
    gone = select(each.c.client_id, each.c.on).where(each.c.on < past.thin, each.c.until.is_not(None), ~rests)
    return tuple_(row.client_id, row.on).in_(gone)


def _same_month(one: Day, other: Day) -> ColumnElement[bool]:
    return and_(extract("year", one) == extract("year", other), extract("month", one) == extract("month", other))
