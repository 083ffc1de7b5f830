"""Deliveries: adding rows, and what happens to them outside the pump."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, and_, bindparam, case, func, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql, sqlite

from bot.messages import ShownOption
from bot.vocabulary import DIALOGUE, PRIORITY, ChannelKind, DeliveryState
from storage.models import Base, BroadcastRow, ClientRow, DeliveryRow
from storage.unit import Unit

KILLED = "killed"
"""State of a broadcast that was stopped for good."""

PASSIVE = "passive"
"""In `claimed_by`: goes back inside the platform's request; the pump leaves such rows alone."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A delivery as later submissions and pages see it."""

    id: int
    key: str
    state: DeliveryState
    text: str
    options: tuple[ShownOption, ...]
    rule: str | None
    conversation_id: int | None
    channel: str | None
    account: str | None


_STORED = (
    DeliveryRow.id,
    DeliveryRow.key,
    DeliveryRow.state,
    DeliveryRow.text,
    DeliveryRow.options,
    DeliveryRow.rule,
    DeliveryRow.conversation_id,
    DeliveryRow.channel,
    DeliveryRow.account,
)

# Every message that is said runs it: built once, on the table itself, executed on the connection.
_TABLE = Base.metadata.tables[DeliveryRow.__tablename__]
_ID, _KEY = _TABLE.c.id, _TABLE.c.key
_ADD = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(index_elements=["key"]).returning(_ID, _KEY),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(index_elements=["key"]).returning(_ID, _KEY),
}


def add(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Store deliveries that name the same columns, in order; their ids by key, without those whose key was known."""
    unit.flush()  # what the rows refer to may be new in this unit
    connection = unit.connection
    return {row.key: row.id for row in connection.execute(_ADD[connection.dialect.name], rows)}


def by_key(unit: Unit, key: str) -> Stored:
    """The delivery of a key; NoResultFound where there is none."""
    return _stored(unit.session.execute(select(*_STORED).where(DeliveryRow.key == key)).one())


def by_ids(unit: Unit, ids: Sequence[int]) -> list[Stored]:
    """Deliveries in the order of their ids."""
    found = unit.session.execute(select(*_STORED).where(DeliveryRow.id.in_(ids)).order_by(DeliveryRow.id))
    return [_stored(row) for row in found]


def _stored(row: Row[Any]) -> Stored:
    shown = tuple(ShownOption(**item) for item in row.options)
    return Stored(
        row.id, row.key, row.state, row.text or "", shown, row.rule, row.conversation_id, row.channel, row.account
    )


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What is still to be said in a dialogue: something the pump is about to send, something waiting for the client."""

    going: bool = False
    waiting: bool = False


WINDOW = "window"
"""The rule of what waits until the client writes."""

_WAITS = and_(DeliveryRow.state == DeliveryState.PENDING, DeliveryRow.rule.is_not_distinct_from(WINDOW))
_OUTSTANDING = (
    select(DeliveryRow.conversation_id, _WAITS.label("waits"))
    .where(
        DeliveryRow.conversation_id.in_(bindparam("conversations", expanding=True)),
        sql("deliveries.state IN ('pending', 'sending')"),
        DeliveryRow.priority <= max(PRIORITY[purpose] for purpose in DIALOGUE),
        DeliveryRow.claimed_by.is_distinct_from(PASSIVE),
    )
    .distinct()
)


def outstanding(unit: Unit, conversation_ids: Sequence[int]) -> dict[int, Outstanding]:
    """What dialogues still owe their clients; those that owe nothing are not named."""
    found: dict[int, Outstanding] = {}
    for row in unit.connection.execute(_OUTSTANDING, {"conversations": list(conversation_ids)}):
        known = found.get(row.conversation_id, Outstanding())
        found[row.conversation_id] = replace(known, waiting=True) if row.waits else replace(known, going=True)
    return found


def move(unit: Unit, ids: Sequence[int], source: DeliveryState, **values: Any) -> list[int]:
    """Compare-and-set: change those that are still in `source`; returns their ids."""
    return _changed(unit, _from(ids, source).values(**values))


def move_passive(unit: Unit, ids: Sequence[int], **values: Any) -> list[int]:
    """Compare-and-set on replies that were to go back inside a request and have not been settled."""
    unit.flush()
    mine = (_TABLE.c.state == DeliveryState.SENDING) & (_TABLE.c.claimed_by == PASSIVE)
    statement = update(_TABLE).where(_ID.in_(ids), mine).values(**values).returning(_ID)
    return list(unit.connection.execute(statement).scalars())


_ROW = _TABLE.c
_WAITING = (
    update(_TABLE)
    .where(
        _ROW.conversation_id == bindparam("conversation"),
        sql("deliveries.state IN ('pending', 'sending')"),  # written out, so that the partial index is used
        _ROW.state == DeliveryState.PENDING.value,
        _ROW.rule == WINDOW,
        _ROW.priority <= max(PRIORITY[purpose] for purpose in DIALOGUE),
    )
    .execution_options(synchronize_session=False)
)
_WAKE = _WAITING.values(not_before=bindparam("now"), updated_at=bindparam("now")).returning(_ROW.id)
_CARRY = (
    _WAITING.where(_ROW.media_id.is_(None), _ROW.doubted.is_(False))
    .values(
        state=DeliveryState.SENDING.value,
        rule=None,
        claimed_by=PASSIVE,
        claimed_at=bindparam("now"),
        updated_at=bindparam("now"),
        attempts=_ROW.attempts + 1,
        carried_by=bindparam("inbox"),
    )
    .returning(_ROW.id, _ROW.text, _ROW.options)
)


AS_BEFORE = case((DeliveryRow.carried_by.is_not(None), WINDOW), else_=None)
"""The rule of a reply that does not go back inside a request after all: one that had waited waits again."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A reply that waited and is now given in the answer to a later message."""

    id: int
    text: str
    options: tuple[ShownOption, ...]


def carry(unit: Unit, conversation_id: int, inbox_id: int, now: datetime) -> list[Carried]:
    """Take what waits for the client's next message into the answer to that message, in order.

    What has a picture, or has begun, waits on: an answer is a whole text, and the pump finds the window open.
    """
    values = {"conversation": conversation_id, "inbox": inbox_id, "now": now}
    rows = unit.connection.execute(_CARRY, values).all()
    taken = [Carried(row.id, row.text or "", tuple(ShownOption(**item) for item in row.options)) for row in rows]
    return sorted(taken, key=lambda one: one.id)


def wake(unit: Unit, conversation_id: int, now: datetime) -> list[int]:
    """Let what waits for the client's next message be tried now; returns the ids."""
    values = {"conversation": conversation_id, "now": now}
    return sorted(unit.connection.execute(_WAKE, values).scalars())


def retell(unit: Unit, delivery_id: int, text: str) -> None:
    """The words that are really said."""
    unit.connection.execute(update(_TABLE).where(_ROW.id == delivery_id).values(text=text))


def _from(ids: Sequence[int], source: DeliveryState) -> Update:
    return update(DeliveryRow).where(DeliveryRow.id.in_(ids), DeliveryRow.state == source)


def _changed(unit: Unit, statement: Update) -> list[int]:
    return list(unit.session.scalars(statement.returning(DeliveryRow.id)))


def decide(unit: Unit, delivery_id: int, staff_id: int, now: datetime, **values: Any) -> bool:
    """A member of staff settles a doubtful delivery; who and when is added to its decision."""
    decision = unit.session.scalar(select(DeliveryRow.decision).where(DeliveryRow.id == delivery_id)) or {}
    settled = {"by": staff_id, "to": values["state"], "at": now.isoformat(timespec="seconds")}
    values |= {"decision": {**decision, "settled": settled}, "updated_at": now}
    return bool(move(unit, [delivery_id], DeliveryState.UNCERTAIN, **values))


def cancel_broadcast(unit: Unit, broadcast_id: int, now: datetime, chunks: tuple[int, int] | None = None) -> int:
    """Cancel what has not gone out of a broadcast, or of its chunks from the first to before the last; how many."""
    waiting = _waiting(broadcast_id)
    if chunks is not None:
        waiting &= (DeliveryRow.chunk >= chunks[0]) & (DeliveryRow.chunk < chunks[1])
    values = {"state": DeliveryState.CANCELLED, "rule": "broadcast_stopped", "updated_at": now}
    return len(_changed(unit, update(DeliveryRow).where(waiting).values(**values)))


def waiting_of(unit: Unit, broadcast_id: int) -> tuple[int, int]:
    """How many messages of a broadcast wait, and the last chunk in which any does."""
    counted = select(func.count(), func.max(DeliveryRow.chunk)).where(_waiting(broadcast_id))
    number, last = unit.session.execute(counted).one()
    return number, -1 if last is None else last


def _waiting(broadcast_id: int) -> ColumnElement[bool]:
    return (DeliveryRow.broadcast_id == broadcast_id) & (DeliveryRow.state == DeliveryState.PENDING)


def cancel(unit: Unit, keys: Collection[str], rule: str, now: datetime) -> int:
    """Cancel what has not gone out of these; returns how many."""
    waiting = DeliveryRow.key.in_(keys) & (DeliveryRow.state == DeliveryState.PENDING)
    values = {"state": DeliveryState.CANCELLED, "rule": rule, "updated_at": now}
    return len(_changed(unit, update(DeliveryRow).where(waiting).values(**values)))


def cancel_stopped(unit: Unit, ids: Collection[int], now: datetime) -> None:
    """Cancel what was in flight when its broadcast was stopped, and has come back to be sent again."""
    killed = select(BroadcastRow.id).where(BroadcastRow.state == KILLED)
    stopped = DeliveryRow.id.in_(ids) & (DeliveryRow.state == DeliveryState.PENDING)
    values = {"state": DeliveryState.CANCELLED, "rule": "broadcast_stopped", "updated_at": now}
    if ids:
        unit.session.execute(update(DeliveryRow).where(stopped, DeliveryRow.broadcast_id.in_(killed)).values(**values))


@dataclass(slots=True)
class Reported:
    """A delivery that a platform speaks of; its state moves with the reports taken in."""

    id: int
    state: DeliveryState
    platform_message_id: str | None
    conversation_id: int | None


def reported(
    unit: Unit, channel: ChannelKind, account: str, ids: Sequence[int], names: Sequence[str]
) -> list[Reported]:
    """Deliveries of one account by our ids or by the platform's."""
    statement = select(
        DeliveryRow.id,
        DeliveryRow.state,
        DeliveryRow.platform_message_id,
        DeliveryRow.conversation_id,
    ).where(
        DeliveryRow.channel == channel,
        DeliveryRow.account == account,
        DeliveryRow.id.in_(ids) | DeliveryRow.platform_message_id.in_(names),
    )
    return [Reported(*row) for row in unit.session.execute(statement)]


def broadcasts_of(unit: Unit, ids: Collection[int]) -> list[int]:
    """The broadcasts that some deliveries are of."""
    own = (DeliveryRow.id.in_(ids), DeliveryRow.broadcast_id.is_not(None))
    found = select(DeliveryRow.broadcast_id).where(*own).distinct().order_by(DeliveryRow.broadcast_id)
    return [number for number in unit.session.scalars(found) if number is not None]


@dataclass(frozen=True, slots=True)
class Count:
    """How many deliveries of a broadcast stand in one state, on one channel, for one reason."""

    state: DeliveryState
    channel: str | None
    rule: str | None
    number: int


def counts(unit: Unit, broadcast_id: int) -> list[Count]:
    """The whole of a broadcast in one query."""
    groups = (DeliveryRow.state, DeliveryRow.channel, DeliveryRow.rule)
    counted = select(*groups, func.count()).where(DeliveryRow.broadcast_id == broadcast_id)
    return [Count(*row) for row in unit.session.execute(counted.group_by(*groups).order_by(*groups))]


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient of a broadcast; names the client by number only."""

    delivery_id: int
    client_number: str | None
    channel: str | None
    state: DeliveryState
    rule: str | None
    attempts: int
    sent_at: datetime | None
    error: str | None


def lines(unit: Unit, broadcast_id: int, after: int = 0, limit: int = 1000) -> list[Line]:
    """Recipients of a broadcast by id, a page at a time: those after the delivery `after`."""
    statement = (
        select(
            DeliveryRow.id,
            ClientRow.number,
            DeliveryRow.channel,
            DeliveryRow.state,
            DeliveryRow.rule,
            DeliveryRow.attempts,
            DeliveryRow.sent_at,
            DeliveryRow.error,
        )
        .outerjoin(ClientRow, ClientRow.id == DeliveryRow.client_id)
        .where(DeliveryRow.broadcast_id == broadcast_id, DeliveryRow.id > after)
        .order_by(DeliveryRow.id)
        .limit(limit)
    )
    return [Line(*row) for row in unit.session.execute(statement)]
