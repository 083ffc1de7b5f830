"""What the pump takes from the deliveries and writes back, always set-wise and by compare-and-set.

A row is first held (`pending`, with a holder: nobody else looks at it for a minute), later claimed (`sending`).
A lane is one of our accounts on one platform, urgent or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, Update, bindparam, exists, or_, select, update
from sqlalchemy import text as sql

from bot.vocabulary import DIALOGUE, PRIORITY, ChannelKind, DeliveryState, Interest, Locale, ProductRisk, Purpose
from storage.models import Base, BroadcastRow, ChatAccountRow, DeliveryRow
from storage.repositories.deliveries import KILLED, WINDOW
from storage.types import UTCDateTime
from storage.unit import Unit

HOLD = timedelta(seconds=60)
"""How long a worker may keep rows it has looked at to itself; also the age at which a claim is taken for dead."""

URGENT = 2
"""Up to this priority a message goes by the urgent lane: dialogue and alerts."""

PARKED = "group"
"""The rule of what may go by group until its `not_before`."""

OUTGOING = ("sending", "paused")
"""States of a broadcast that was begun and is not over."""

HALTED = ("paused", KILLED)
"""States of a broadcast of which nothing may go out; nor before its whole audience is written down."""


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
    topic: Interest | None
    essential: bool
    expires_at: datetime | None
    created_at: datetime
    attempts: int
    doubted: bool = False
    media_id: int | None = None


# Every message runs these: built once, on the table itself, executed on the connection.
_ROWS, _CHATS = (Base.metadata.tables[row.__tablename__] for row in (DeliveryRow, ChatAccountRow))
_ROW = _ROWS.c
DUE = tuple(_ROW[name] for name in Due.__slots__)
"""The columns of a Due, in its order."""

# Written out, so that both databases see that the partial indexes fit.
PENDING = sql("deliveries.state = 'pending'")
UNFINISHED = sql("deliveries.state IN ('sending', 'uncertain')")

_NOW, _DEAD = (bindparam(name, type_=UTCDateTime()) for name in ("at", "dead"))
_OURS = _ROW.claimed_by == bindparam("holder")
_FREE = or_(_ROW.claimed_by.is_(None), _OURS, _ROW.claimed_at < _DEAD)
_LANE = (_ROW.channel == bindparam("channel"), _ROW.account == bindparam("account"))
_THESE = _ROW.id.in_(bindparam("ids", expanding=True))
_DIALOGUE = max(PRIORITY[purpose] for purpose in DIALOGUE)


def running() -> ColumnElement[bool]:
    """Not of a broadcast that is paused or stopped, or whose audience is still being written down."""
    unfrozen = BroadcastRow.state.in_(OUTGOING) & BroadcastRow.audience.is_(None)
    halted = select(BroadcastRow.id).where(or_(BroadcastRow.state.in_(HALTED), unfrozen))
    return or_(_ROW.broadcast_id.is_(None), _ROW.broadcast_id.not_in(halted))


def _first_of_conversation() -> ColumnElement[bool]:
    """Nothing earlier of the same dialogue is still to go out; what waits for the client does not hold up others."""
    earlier = _ROWS.alias("earlier").c
    return ~exists().where(
        earlier.conversation_id == _ROW.conversation_id,
        earlier.id < _ROW.id,
        earlier.priority <= _DIALOGUE,
        sql("earlier.state IN ('pending', 'sending')"),
        or_(earlier.rule.is_(None), earlier.rule != WINDOW, earlier.not_before <= _NOW),
    )


def _due(share: ColumnElement[bool], which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*DUE)
        .where(*_LANE, PENDING, share, _FREE)
        .where(_ROW.not_before <= _NOW, which)
        .order_by(_ROW.priority, _ROW.not_before, _ROW.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=_ROWS)
    )


_DUE = {
    True: _due(_ROW.priority <= URGENT, _first_of_conversation()),
    False: _due(_ROW.priority > URGENT, running()),
}
_COMPANY = (
    select(*DUE)
    .where(_ROW.conversation_id.in_(bindparam("conversations", expanding=True)), ~_THESE)
    .where(sql("deliveries.state IN ('pending', 'sending')"), PENDING, _FREE, _ROW.text.is_not(None))
    .where(_ROW.priority <= _DIALOGUE, or_(_ROW.not_before <= _NOW, _ROW.rule == WINDOW))
    .where(*_LANE)
    .order_by(_ROW.id)
    .with_for_update(skip_locked=True, of=_ROWS)
)
_HOLD = update(_ROWS).where(_THESE, PENDING).values(claimed_by=bindparam("holder"), claimed_at=_NOW, updated_at=_NOW)
_CLAIM = (
    update(_ROWS)
    .where(_THESE, PENDING, _OURS, running())
    .values(state=DeliveryState.SENDING, attempts=_ROW.attempts + 1, claimed_at=_NOW, updated_at=_NOW)
    .returning(_ROW.id)
)


_ALLOWED = (
    select(_ROW.id)
    .where(_ROW.client_id == bindparam("client"), PENDING)
    .where(or_(_ROW.claimed_by.is_not(None), _ROW.rule == PARKED))
    .with_for_update(skip_locked=True, of=_ROWS)
)
_ANEW = (
    update(_ROWS)
    .where(_ROW.id.in_(_ALLOWED), PENDING)
    .values(claimed_by=None, claimed_at=None, rule=None, not_before=_NOW, updated_at=_NOW)
)


_CHAT = update(_CHATS).where(_CHATS.c.id == bindparam("which"))
_GONE = _CHAT.values(gone_at=_NOW)
_MOVED = _CHAT.values(address=bindparam("there"))
_FOLLOWING = update(_ROWS).where(_ROW.account_id == bindparam("which"), PENDING).values(address=bindparam("there"))


def _each(columns: Sequence[str], *conditions: ColumnElement[bool] | TextClause) -> Update:
    """For many rows at once, each with values of its own."""
    new = {name: bindparam(f"new_{name}", type_=_ROW[name].type) for name in (*columns, "updated_at")}
    return update(_ROWS).where(_ROW.id == bindparam("row"), *conditions).values(new)


_VERDICT = ("state", "rule", "decision", "text_key", "text", "error", "claimed_by", "claimed_at")
_JUDGED = _each(_VERDICT, PENDING)
_DEFERRED = _each((*_VERDICT, "not_before"), PENDING)
_OUTCOME = ("state", "rule", "error")
_ENDED = _each((*_OUTCOME, "sent_at", "platform_message_id"), UNFINISHED, _OURS)
_AGAIN = _each((*_OUTCOME, "not_before", "claimed_by", "attempts", "doubted"), UNFINISHED, _OURS)


def due(unit: Unit, lane: Lane, holder: str, now: datetime, limit: int) -> list[Due]:
    """The next messages of a lane, in order, that nobody else holds; on PostgreSQL locked until the commit."""
    rows = unit.connection.execute(_DUE[lane.urgent], _asked(lane, holder, now) | {"most": limit})
    return [Due(*row) for row in rows.all()]


def _asked(lane: Lane, holder: str, now: datetime) -> dict[str, Any]:
    return {"channel": lane.channel, "account": lane.account, "holder": holder, "at": now, "dead": now - HOLD}


def company(
    unit: Unit, lane: Lane, holder: str, spoken: Mapping[int | None, int], now: datetime
) -> dict[int, list[Due]]:
    """What else is to be said in some dialogues, in order, by conversation; `spoken` are the messages known already."""
    found: dict[int, list[Due]] = {}
    if spoken:
        those = {"conversations": list(spoken), "ids": list(spoken.values())}
        for row in unit.connection.execute(_COMPANY, _asked(lane, holder, now) | those):
            one = Due(*row)
            found.setdefault(one.conversation_id or 0, []).append(one)
    return found


def hold(unit: Unit, ids: Sequence[int], holder: str, now: datetime) -> None:
    """Keep rows that are said together with another for as long as that one."""
    if ids:
        unit.connection.execute(_HOLD, {"ids": ids, "holder": holder, "at": now})


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
    plain: list[dict[str, Any]] = []
    later: list[dict[str, Any]] = []
    for row in rows:
        ready = row.state is DeliveryState.PENDING and row.not_before is None
        values = {
            "row": row.id,
            "new_state": row.state,
            "new_rule": row.rule,
            "new_decision": row.decision,
            "new_text_key": row.text_key,
            "new_text": row.text,
            "new_error": row.error,
            "new_claimed_by": holder if ready else None,
            "new_claimed_at": now if ready else None,
            "new_updated_at": now,
        }
        if row.not_before is None:
            plain.append(values)
        else:
            later.append(values | {"new_not_before": row.not_before})
    _run(unit, _JUDGED, plain)
    _run(unit, _DEFERRED, later)


def claim(unit: Unit, ids: Sequence[int], holder: str, now: datetime) -> set[int]:
    """Mark held rows as being sent, unless they were stopped meanwhile; returns those that are ours."""
    return set(unit.connection.scalars(_CLAIM, {"ids": ids, "holder": holder, "at": now}))


def look_anew(unit: Unit, client_id: int, now: datetime) -> None:
    """Ask the gate again of what it has let through to a client and is not being sent: something has changed.

    Called once the client's row is changed or held: whoever looks from now on waits for that, so that what others have
    locked may be passed over.
    """
    unit.connection.execute(_ANEW, {"client": client_id, "at": now})


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


def record(unit: Unit, results: Sequence[Result], holder: str, now: datetime) -> None:
    """Write down how sends ended, and what that says of the chats."""
    ended: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    for one in results:
        values = {"row": one.id, "new_state": one.state, "new_rule": one.rule, "new_error": one.error}
        values |= {"new_updated_at": now, "holder": holder}
        if one.state is DeliveryState.PENDING:
            tried = {"new_not_before": one.not_before or now, "new_claimed_by": None, "new_attempts": one.attempts}
            again.append(values | tried | {"new_doubted": one.doubted})
        else:
            known = {"new_sent_at": one.sent_at, "new_platform_message_id": one.platform_message_id}
            ended.append(values | known)
    _run(unit, _ENDED, ended)
    _run(unit, _AGAIN, again)
    _chats(unit, results, now)
    for conversation_id in {result.conversation_id for result in results if result.conversation_id is not None}:
        unit.announce("conversation", conversation_id)


def _chats(unit: Unit, results: Sequence[Result], now: datetime) -> None:
    gone = [{"which": result.account_id, "at": now} for result in results if result.gone]
    moved = [{"which": result.account_id, "there": result.address} for result in results if result.address]
    _run(unit, _GONE, gone)
    _run(unit, _MOVED, moved)
    _run(unit, _FOLLOWING, moved)


def _run(unit: Unit, statement: Update, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        unit.connection.execute(statement, rows)
