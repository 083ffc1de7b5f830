"""What the pump takes from the deliveries and writes back, always set-wise and by compare-and-set.

A row is first held (`pending`, with a holder: nobody else looks at it for a minute), later claimed (`sending`).
A lane is one of our accounts on one platform, urgent or not.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, or_, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import aliased

from bot.vocabulary import DIALOGUE, PRIORITY, ChannelKind, DeliveryState, Locale, ProductRisk, Purpose
from storage.models import BroadcastRow, ChatAccountRow, DeliveryRow
from storage.repositories.deliveries import KILLED, PASSIVE, WINDOW
from storage.unit import Unit

HOLD = timedelta(seconds=60)
"""How long a worker may keep rows it has looked at to itself; also the age at which a claim is taken for dead."""

URGENT = 2
"""Up to this priority a message goes by the urgent lane: dialogue and alerts."""

HALTED = ("paused", KILLED)
"""States of a broadcast of which nothing may go out."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One of our accounts, and whether its urgent messages or the others are meant."""

    channel: ChannelKind
    account: str
    urgent: bool

    @property
    def name(self) -> str:
        """The account's name among the permits; urgent and other messages share one rate."""
        return f"{self.channel}:{self.account}"


@dataclass(frozen=True, slots=True)
class Due:
    """One message that is due."""

    id: int
    key: str
    purpose: Purpose
    client_id: int | None
    account_id: int
    conversation_id: int | None
    broadcast_id: int | None
    address: str
    text_key: str
    parameters: dict[str, Any]
    personal: list[str]
    options: list[dict[str, str]]
    notice: str | None
    locale: Locale | None
    text: str | None
    material: str | None
    product_risk: ProductRisk | None
    essential: bool
    expires_at: datetime | None
    attempts: int
    doubted: bool = False


DUE = tuple(getattr(DeliveryRow, name) for name in Due.__slots__)
"""The columns of a Due, in its order."""

# Written out, so that both databases see that the partial indexes fit.
PENDING = sql("deliveries.state = 'pending'")
UNFINISHED = sql("deliveries.state IN ('sending', 'uncertain')")
_SENDING = sql("deliveries.state IN ('sending', 'uncertain', 'awaiting_staff') AND deliveries.state = 'sending'")


def due(unit: Unit, lane: Lane, holder: str, now: datetime, limit: int) -> list[Due]:
    """The next messages of a lane, in order, that nobody else holds; on PostgreSQL locked until the commit."""
    free = or_(DeliveryRow.claimed_by.is_(None), DeliveryRow.claimed_by == holder, DeliveryRow.claimed_at < now - HOLD)
    share = DeliveryRow.priority <= URGENT if lane.urgent else DeliveryRow.priority > URGENT
    statement = (
        select(*DUE)
        .where(DeliveryRow.channel == lane.channel, DeliveryRow.account == lane.account, PENDING, share, free)
        .where(DeliveryRow.not_before <= now, _first_of_conversation(now) if lane.urgent else running())
        .order_by(DeliveryRow.priority, DeliveryRow.not_before, DeliveryRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=DeliveryRow)
    )
    return [Due(*row) for row in unit.session.execute(statement)]


def _first_of_conversation(now: datetime) -> ColumnElement[bool]:
    """Nothing earlier of the same dialogue is still to go out; what waits for the client does not hold up others."""
    dialogue = max(PRIORITY[purpose] for purpose in DIALOGUE)
    earlier = aliased(DeliveryRow, name="earlier")
    return ~exists().where(
        earlier.conversation_id == DeliveryRow.conversation_id,
        earlier.id < DeliveryRow.id,
        earlier.priority <= dialogue,
        sql("earlier.state IN ('pending', 'sending')"),
        or_(earlier.rule.is_(None), earlier.rule != WINDOW, earlier.not_before <= now),
    )


def company(
    unit: Unit, lane: Lane, holder: str, spoken: Mapping[int | None, int], now: datetime
) -> dict[int, list[Due]]:
    """What else is to be said in some dialogues, in order, by conversation; `spoken` are the messages known already."""
    free = or_(DeliveryRow.claimed_by.is_(None), DeliveryRow.claimed_by == holder, DeliveryRow.claimed_at < now - HOLD)
    dialogue = max(PRIORITY[purpose] for purpose in DIALOGUE)
    statement = (
        select(*DUE)
        .where(DeliveryRow.conversation_id.in_(spoken.keys()), DeliveryRow.id.not_in(spoken.values()))
        .where(sql("deliveries.state IN ('pending', 'sending')"), PENDING, free, DeliveryRow.text.is_not(None))
        .where(DeliveryRow.priority <= dialogue, or_(DeliveryRow.not_before <= now, DeliveryRow.rule == WINDOW))
        .where(DeliveryRow.channel == lane.channel, DeliveryRow.account == lane.account)
        .order_by(DeliveryRow.id)
        .with_for_update(skip_locked=True, of=DeliveryRow)
    )
    found: dict[int, list[Due]] = {}
    for one in [Due(*row) for row in unit.session.execute(statement)] if spoken else []:
        found.setdefault(one.conversation_id or 0, []).append(one)
    return found


def hold(unit: Unit, ids: Sequence[int], holder: str, now: datetime) -> None:
    """Keep rows that are said together with another for as long as that one."""
    if ids:
        held = update(DeliveryRow).where(DeliveryRow.id.in_(ids), PENDING)
        held = held.values(claimed_by=holder, claimed_at=now, updated_at=now)
        unit.session.execute(held.execution_options(synchronize_session=False))


def running() -> ColumnElement[bool]:
    """Not of a broadcast that is paused or stopped."""
    halted = select(BroadcastRow.id).where(BroadcastRow.state.in_(HALTED))
    return or_(DeliveryRow.broadcast_id.is_(None), DeliveryRow.broadcast_id.not_in(halted))


@dataclass(frozen=True, slots=True)
class Screened:
    """What the gate made of a row: every column that may have changed."""

    id: int
    state: DeliveryState
    rule: str | None
    decision: Mapping[str, object] | None
    text_key: str
    text: str | None
    not_before: datetime | None = None
    error: str | None = None


def screened(unit: Unit, rows: Sequence[Screened], holder: str, now: datetime) -> None:
    """Write down what the gate decided and hold what may go out."""
    by_shape: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for row in rows:
        ready = row.state is DeliveryState.PENDING and row.not_before is None
        values = {name: getattr(row, name) for name in Screened.__slots__[1:] if name != "not_before"}
        values |= {"row": row.id, "claimed_by": holder if ready else None, "claimed_at": now if ready else None}
        if row.not_before is not None:
            values["not_before"] = row.not_before
        by_shape[row.not_before is not None].append(values | {"updated_at": now})
    for values_of in by_shape.values():
        _update_each(unit, values_of, PENDING)


def claim(unit: Unit, ids: Sequence[int], holder: str, now: datetime) -> set[int]:
    """Mark held rows as being sent, unless they were stopped meanwhile; returns those that are ours."""
    mine = DeliveryRow.claimed_by == holder
    statement = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids), PENDING, mine, running())
        .values(state=DeliveryState.SENDING, attempts=DeliveryRow.attempts + 1, claimed_at=now, updated_at=now)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return set(unit.session.scalars(statement))


@dataclass(frozen=True, slots=True)
class Result:
    """How a send ended: `attempts` made so far, `messages` that it cost.

    `gone` says that the chat is, `address` that it moved, `shut` that its window is; `notice` is the form that it went
    by where each needs a consent; `doubted`: this try or an earlier one may have reached the client after all.
    """

    id: int
    account_id: int
    state: DeliveryState
    attempts: int
    conversation_id: int | None = None
    rule: str | None = None
    error: str | None = None
    sent_at: datetime | None = None
    platform_message_id: str | None = None
    not_before: datetime | None = None
    gone: bool = False
    address: str | None = None
    messages: int = 1
    shut: bool = False
    notice: str | None = None
    doubted: bool = False


@dataclass
class _Batch:
    plain: list[dict[str, Any]] = field(default_factory=list)
    again: list[dict[str, Any]] = field(default_factory=list)


def record(unit: Unit, results: Sequence[Result], holder: str, now: datetime) -> None:
    """Write down how sends ended, and what that says of the chats."""
    batch = _Batch()
    for result in results:
        values = {"row": result.id, "state": result.state, "rule": result.rule, "error": result.error}
        if result.state is DeliveryState.PENDING:
            again = {"not_before": result.not_before or now, "claimed_by": None, "attempts": result.attempts}
            batch.again.append(values | again | {"doubted": result.doubted})
        else:
            known = {"sent_at": result.sent_at, "platform_message_id": result.platform_message_id}
            batch.plain.append(values | known)
    ours = DeliveryRow.claimed_by == holder
    for rows in (batch.plain, batch.again):
        _update_each(unit, [row | {"updated_at": now} for row in rows], UNFINISHED, ours)
    _chats(unit, results, now)
    for conversation_id in {result.conversation_id for result in results if result.conversation_id is not None}:
        unit.announce("conversation", conversation_id)


def _chats(unit: Unit, results: Sequence[Result], now: datetime) -> None:
    gone = {result.account_id for result in results if result.gone}
    if gone:
        unit.session.execute(update(ChatAccountRow).where(ChatAccountRow.id.in_(gone)).values(gone_at=now))
    for result in results:
        if result.address:
            chat = update(ChatAccountRow).where(ChatAccountRow.id == result.account_id)
            unit.session.execute(chat.values(address=result.address))
            waiting = update(DeliveryRow).where(DeliveryRow.account_id == result.account_id, PENDING)
            unit.session.execute(waiting.values(address=result.address))


def _update_each(unit: Unit, rows: Sequence[Mapping[str, Any]], *conditions: Any) -> None:
    """One prepared UPDATE for all rows; they have the same columns, and `row` is the id."""
    if not rows:
        return
    table = DeliveryRow.__table__
    columns = [name for name in rows[0] if name != "row"]
    statement = update(table).where(table.c.id == bindparam("row"), *conditions)  # type: ignore[arg-type]
    statement = statement.values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns})
    values = [{"row": row["row"], **{f"new_{name}": row[name] for name in columns}} for row in rows]
    unit.connection.execute(statement, values)


def expire(unit: Unit, now: datetime, limit: int = 1000) -> int:
    """Give up what was not sent in time, whatever held it back; returns how many."""
    late = select(DeliveryRow.id).where(PENDING, DeliveryRow.expires_at <= now).limit(limit)
    statement = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(late), PENDING)
        .values(state=DeliveryState.EXPIRED, claimed_by=None, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    return unit.connection.execute(statement).rowcount


@dataclass(frozen=True, slots=True)
class Orphan:
    """A row found `sending` that nobody is sending any more."""

    id: int
    channel: ChannelKind
    account: str
    passive: bool


def orphans(unit: Unit, before: datetime, holder: str) -> list[Orphan]:
    """Rows claimed before an instant by somebody else and still `sending`."""
    statement = select(DeliveryRow.id, DeliveryRow.channel, DeliveryRow.account, DeliveryRow.claimed_by).where(
        _SENDING, DeliveryRow.claimed_at < before, DeliveryRow.claimed_by != holder
    )
    rows = unit.session.execute(statement.with_for_update(skip_locked=True))
    return [Orphan(row.id, ChannelKind(row.channel), row.account, row.claimed_by == PASSIVE) for row in rows]


def settle_orphans(unit: Unit, ids: Collection[int], state: DeliveryState, now: datetime) -> None:
    """Doubtful, or to be sent again where the platform recognises our id."""
    values: dict[str, Any] = {"state": state, "rule": "interrupted", "updated_at": now}
    if state is DeliveryState.PENDING:
        values |= {"claimed_by": None, "doubted": True}
    statement = update(DeliveryRow).where(DeliveryRow.id.in_(ids), _SENDING).values(**values)
    unit.session.execute(statement.execution_options(synchronize_session=False))


def release(unit: Unit, before: datetime, holder: str) -> None:
    """Let go of rows that a dead worker of this machine only held."""
    held = (DeliveryRow.claimed_by != holder) & (DeliveryRow.claimed_at < before)
    statement = update(DeliveryRow).where(PENDING, held).values(claimed_by=None)
    unit.session.execute(statement.execution_options(synchronize_session=False))
