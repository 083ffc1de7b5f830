"""Lists of broadcasts for staff, and how far each has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from bot.vocabulary import DeliveryState, Interest, ProductRisk, Purpose
from storage.models import BroadcastRow, DeliveryRow, StaffRow
from storage.repositories.listing import Whose
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Item:
    """One broadcast; `audience` is the frozen number of recipients, None before; `segment` names its condition."""

    id: int
    name: str
    purpose: Purpose
    state: str
    audience: int | None
    author: str
    approver: str | None
    material: str | None
    product_risk: ProductRisk | None
    topic: Interest | None
    media_id: int | None
    content_hash: str
    send_at: datetime | None
    latest_at: datetime | None
    created_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None
    body: dict[str, Any]
    author_id: int
    segment: str | None
    condition: Mapping[str, Any]


Progress = dict[int, dict[DeliveryState, int]]
"""Deliveries by state, of each broadcast."""


_APPROVER = aliased(StaffRow)
_SELECT: Select[*tuple[Any, ...]] = (
    select(BroadcastRow, StaffRow.name, _APPROVER.name)
    .join(StaffRow, StaffRow.id == BroadcastRow.author_id)
    .outerjoin(_APPROVER, _APPROVER.id == BroadcastRow.approver_id)
)


def page(unit: Unit, authors: Whose, before: int | None, limit: int = 40) -> list[Item]:
    """Newest first, and one row more than `limit` where there are more; of these authors."""
    statement = _SELECT
    if authors is not None:
        statement = statement.where(BroadcastRow.author_id.in_(sorted(authors)))
    if before is not None:
        statement = statement.where(BroadcastRow.id < before)
    return [_item(row) for row in unit.session.execute(statement.order_by(BroadcastRow.id.desc()).limit(limit + 1))]


def by_id(unit: Unit, broadcast_id: int) -> Item | None:
    """The broadcast."""
    row = unit.session.execute(_SELECT.where(BroadcastRow.id == broadcast_id)).one_or_none()
    return None if row is None else _item(row)


def progress(unit: Unit, ids: Sequence[int]) -> Progress:
    """Deliveries of each broadcast by state."""
    found: Progress = {}
    groups = (DeliveryRow.broadcast_id, DeliveryRow.state)
    statement = select(*groups, func.count()).where(DeliveryRow.broadcast_id.in_(ids)).group_by(*groups)
    for broadcast_id, state, number in unit.session.execute(statement):
        found.setdefault(broadcast_id or 0, {})[state] = number
    return found


def _item(row: Row[*tuple[Any, ...]]) -> Item:
    broadcast: BroadcastRow = row[0]
    return Item(
        id=broadcast.id,
        name=broadcast.name,
        purpose=broadcast.purpose,
        state=broadcast.state,
        audience=broadcast.audience,
        author=row[1],
        approver=row[2],
        material=broadcast.material,
        product_risk=broadcast.product_risk,
        topic=broadcast.topic,
        media_id=broadcast.media_id,
        content_hash=broadcast.content_hash,
        send_at=broadcast.send_at,
        latest_at=broadcast.latest_at,
        created_at=broadcast.created_at,
        approved_at=broadcast.approved_at,
        ended_at=broadcast.ended_at,
        body=dict(broadcast.body),
        author_id=broadcast.author_id,
        segment=broadcast.segment,
        condition=dict(broadcast.condition),
    )
