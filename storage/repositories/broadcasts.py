"""Reading and writing broadcasts; every change of state is a compare-and-set."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from bot.vocabulary import Interest, ProductRisk, Purpose
from bot.vocabulary.broadcasts import BroadcastState
from storage.models import BroadcastRow, DeliveryRow
from storage.repositories.claims import OUTGOING
from storage.repositories.deliveries import KILLED
from storage.unit import Unit

STREAM = 5000
"""Rows read at a time where all are passed once."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be said to whom and when: bodies by locale, the audience as a condition's document.

    `topic`: what it is about, for clients whose plan asks. `segment` names the segment that it is; the service puts
    what that means into `condition`. `media_id`: a picture or file of the branch's media, shown below the text.
    """

    name: str
    purpose: Purpose
    body: Mapping[str, str]
    condition: Mapping[str, Any]
    material: str | None = None
    product_risk: ProductRisk | None = None
    topic: Interest | None = None
    send_at: datetime | None = None
    latest_at: datetime | None = None
    segment: str | None = None
    media_id: int | None = None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One broadcast; `content_hash` is that of the submitted content, empty for a draft.

    `audience`: how many its recipients are, None until all are written down; so far up to the client `frozen_to`.
    """

    id: int
    state: BroadcastState
    content: Content
    content_hash: str
    author_id: int
    approver_id: int | None
    audience: int | None
    frozen_to: int
    started_at: datetime | None
    ended_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who the recipients are: a number, and a hash over their ids."""

    number: int
    digest: str


def add(unit: Unit, content: Content, author_id: int, now: datetime) -> int:
    """Keep a draft."""
    draft = {"state": BroadcastState.DRAFT.value, "content_hash": "", "author_id": author_id, "created_at": now}
    made = unit.session.execute(insert(BroadcastRow).values(**_columns(content), **draft).returning(BroadcastRow.id))
    return made.scalar_one()


def by_id(unit: Unit, broadcast_id: int) -> Broadcast | None:
    """The broadcast."""
    statement = select(BroadcastRow).where(BroadcastRow.id == broadcast_id)
    row = unit.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    return None if row is None else _broadcast(row)


def held(unit: Unit, broadcast_id: int) -> Broadcast | None:
    """The broadcast, kept from others until the transaction ends: what is looked at is what is decided on."""
    unit.session.execute(select(BroadcastRow.id).where(BroadcastRow.id == broadcast_id).with_for_update()).all()
    return by_id(unit, broadcast_id)


def latest(unit: Unit, limit: int = 50) -> list[Broadcast]:
    """The newest broadcasts, the newest first."""
    rows = unit.session.scalars(select(BroadcastRow).order_by(BroadcastRow.id.desc()).limit(limit))
    return [_broadcast(row) for row in rows]


def in_states(unit: Unit, states: Collection[BroadcastState]) -> list[Broadcast]:
    """Every broadcast in one of these states, the oldest first."""
    statement = select(BroadcastRow).where(BroadcastRow.state.in_([state.value for state in states]))
    return [_broadcast(row) for row in unit.session.scalars(statement.order_by(BroadcastRow.id))]


def revise(unit: Unit, broadcast_id: int, content: Content, sources: Collection[BroadcastState]) -> bool:
    """Put other content into it and make it a draft again, unless it has left these states."""
    cleared = {"content_hash": "", "approver_id": None, "approved_at": None}
    return move(unit, broadcast_id, sources, BroadcastState.DRAFT, **_columns(content), **cleared)


def move(
    unit: Unit, broadcast_id: int, sources: Collection[BroadcastState], target: BroadcastState, **values: Any
) -> bool:
    """Compare-and-set of the state with what belongs to it; False where it has left these states."""
    statement = (
        update(BroadcastRow)
        .where(BroadcastRow.id == broadcast_id, BroadcastRow.state.in_([state.value for state in sources]))
        .values(state=target.value, **values)
        .returning(BroadcastRow.id)
        .execution_options(synchronize_session=False)
    )
    moved = unit.session.execute(statement).first() is not None
    if moved:
        unit.announce("broadcast", broadcast_id)
    return moved


def reopen(unit: Unit, delivery_ids: Collection[int]) -> None:
    """Those that were done and are not, because some of their deliveries go on by another channel."""
    ids = select(DeliveryRow.broadcast_id).where(DeliveryRow.id.in_(delivery_ids))
    done = (BroadcastRow.id.in_(ids), BroadcastRow.state == BroadcastState.DONE.value)
    statement = update(BroadcastRow).where(*done).values(state=BroadcastState.SENDING.value, ended_at=None)
    unit.session.execute(statement.execution_options(synchronize_session=False))


def half_stopped(unit: Unit) -> list[int]:
    """Broadcasts that were stopped for good, with messages that are not marked as cancelled yet."""
    stopped = select(BroadcastRow.id).where(BroadcastRow.state == KILLED, BroadcastRow.ended_at.is_(None))
    return list(unit.session.scalars(stopped.order_by(BroadcastRow.id)))


def end(unit: Unit, broadcast_id: int, now: datetime) -> None:
    """Say that nothing is left to do of one that was stopped."""
    row = BroadcastRow
    over = update(row).where(row.id == broadcast_id, row.state == KILLED, row.ended_at.is_(None)).values(ended_at=now)
    unit.session.execute(over.execution_options(synchronize_session=False))


def advance(unit: Unit, seen: Broadcast, frozen_to: int) -> bool:
    """Say up to which client the audience is written down; False where somebody else went on, or stopped it."""
    return _frozen(unit, seen, frozen_to=frozen_to)


def settle_audience(unit: Unit, seen: Broadcast, audience: Recipients) -> bool:
    """Write down that the audience is whole; False where somebody else did, or stopped it."""
    return _frozen(unit, seen, audience=audience.number, audience_hash=audience.digest)


def _frozen(unit: Unit, seen: Broadcast, **values: Any) -> bool:
    """Compare-and-set of how far an audience is written down."""
    row = BroadcastRow
    still = (row.id == seen.id, row.audience.is_(None), row.frozen_to == seen.frozen_to, row.state.in_(OUTGOING))
    statement = update(row).where(*still).values(**values).returning(row.id)
    return unit.session.execute(statement.execution_options(synchronize_session=False)).first() is not None


def unfrozen(unit: Unit) -> list[int]:
    """Broadcasts that were begun, and whose audience is not written down to its end."""
    begun = select(BroadcastRow.id).where(BroadcastRow.state.in_(OUTGOING), BroadcastRow.audience.is_(None))
    return list(unit.session.scalars(begun.order_by(BroadcastRow.id)))


def recipients(unit: Unit, broadcast_id: int) -> Recipients:
    """Reckoned row by row: a large audience is never in memory."""
    number, digest = 0, hashlib.sha256()
    wanted = select(DeliveryRow.client_id).where(DeliveryRow.broadcast_id == broadcast_id)
    streamed = wanted.order_by(DeliveryRow.client_id).execution_options(yield_per=STREAM)
    for client_id in unit.connection.execute(streamed).scalars():
        digest.update(f"{',' if number else ''}{client_id}".encode())
        number += 1
    return Recipients(number, digest.hexdigest())


def count_recipients(unit: Unit, broadcast_id: int) -> int:
    """How many there are so far."""
    counted = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.broadcast_id == broadcast_id)
    return unit.session.scalars(counted).one()


def _columns(content: Content) -> dict[str, Any]:
    columns = {name: getattr(content, name) for name in Content.__slots__}
    return columns | {"body": dict(content.body), "condition": dict(content.condition)}


def _broadcast(row: BroadcastRow) -> Broadcast:
    return Broadcast(
        id=row.id,
        state=BroadcastState(row.state),
        content=Content(**{name: getattr(row, name) for name in Content.__slots__}),
        content_hash=row.content_hash,
        author_id=row.author_id,
        approver_id=row.approver_id,
        audience=row.audience,
        frozen_to=row.frozen_to,
        started_at=row.started_at,
        ended_at=row.ended_at,
        reason=row.reason,
    )
