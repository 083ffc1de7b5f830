"""Deliveries parked for sending by group: allowed, identical, and waiting for one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, exists, func, select, update

from storage.models import DeliveryRow
from storage.repositories import claims
from storage.repositories.claims import PARKED, Due, Lane
from storage.repositories.deliveries import WINDOW
from storage.unit import Unit

AGAIN = timedelta(minutes=15)
"""When those too few for a group are looked at again."""


@dataclass(frozen=True, slots=True)
class Size:
    """The fewest and the most recipients of one call."""

    least: int
    most: int


def parked(unit: Unit, lane: Lane, now: datetime) -> bool:
    """Whether anything waits on a lane."""
    return bool(unit.session.scalar(select(exists().where(*_parked(lane, now)))))


@dataclass(frozen=True, slots=True)
class Taken:
    """Recipients marked as being sent; `alone` are those too few for a call, who go on waiting for their window."""

    batch: Sequence[Due] = ()
    alone: Sequence[int] = ()


def take(unit: Unit, lane: Lane, holder: str, size: Size, now: datetime) -> Taken:
    """The next recipients of one text."""
    text, broadcast_id, number = _next(unit, lane, now)
    if not number:
        return Taken()
    same = [*_parked(lane, now), DeliveryRow.text == text, DeliveryRow.broadcast_id == broadcast_id]
    if number < size.least:
        alone = update(DeliveryRow).where(*same).values(rule=WINDOW, not_before=now + AGAIN).returning(DeliveryRow.id)
        return Taken(alone=list(unit.session.scalars(alone.execution_options(synchronize_session=False))))
    most = size.most if number <= size.most else min(size.most, number - size.least)
    statement = select(*claims.DUE).where(*same).order_by(DeliveryRow.id).limit(most)
    batch = [Due(*row) for row in unit.session.execute(statement.with_for_update(skip_locked=True))]
    return Taken(_claimed(unit, batch, holder, now))


def _next(unit: Unit, lane: Lane, now: datetime) -> tuple[str | None, int | None, int]:
    counted = select(DeliveryRow.text, DeliveryRow.broadcast_id, func.count()).where(*_parked(lane, now))
    grouped = counted.group_by(DeliveryRow.broadcast_id, DeliveryRow.text).order_by(func.min(DeliveryRow.id)).limit(1)
    row = unit.session.execute(grouped).one_or_none()
    return (row[0], row[1], row[2]) if row else (None, None, 0)


def _claimed(unit: Unit, batch: Sequence[Due], holder: str, now: datetime) -> list[Due]:
    ids = [due.id for due in batch]
    claims.hold(unit, ids, holder, now)
    ours = claims.claim(unit, ids, holder, now)
    return [due for due in batch if due.id in ours]


def _parked(lane: Lane, now: datetime) -> tuple[ColumnElement[bool] | TextClause, ...]:
    return (
        DeliveryRow.channel == lane.channel,
        DeliveryRow.account == lane.account,
        claims.PENDING,
        DeliveryRow.priority > claims.URGENT,
        DeliveryRow.rule == PARKED,
        DeliveryRow.not_before > now,
        claims.running(),
    )
