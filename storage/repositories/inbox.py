"""What came in and waits for its turn: handled in order under a lease.

A row is `new` until its turn is over. The conversation's lease says which process works on it: whoever stores a row
in a conversation that nobody works on gets the work with it; whoever ends a turn takes the next row or lets go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, case, or_, select, update

from bot.messages import Event, Inbound, Incoming
from bot.vocabulary import Addressee, EventKind, Locale, MessageKind
from storage.models import Base, ConversationRow, InboxRow
from storage.repositories import clients, conversations, intakes
from storage.repositories.clients import Client
from storage.repositories.conversations import Conversation, Hold, Left
from storage.repositories.intakes import Intake
from storage.unit import Unit


class InboxState(StrEnum):
    """Whether a row has had its turn."""

    NEW = "new"
    HANDLED = "handled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Lease:
    """Who wants to work on conversations, from `now` to `until`."""

    holder: str
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """A row whose turn it is, with all that the turn needs to know."""

    inbox_id: int
    message: Inbound
    conversation: Conversation
    client: Client | None
    intake: Intake | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a conversation; `values` are its columns by name."""

    inbox_id: int
    conversation: Conversation
    values: Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """A row whose turn is over, and by which way its replies should go."""

    inbox_id: int
    wanted: str
    state: InboxState = InboxState.HANDLED


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one arrival. `work` is given where the caller now holds the conversation's lease."""

    inbox_id: int
    conversation_id: int
    new: bool
    state: InboxState = InboxState.NEW
    route: str | None = None
    work: Work | None = None


_EVENTS = frozenset(EventKind)

# Every message runs these: built once, on the tables themselves, executed on the connection.
_INBOX = Base.metadata.tables[InboxRow.__tablename__]
_IN = _INBOX.c
_NEXT = (
    select(_IN.id, _IN.kind, _IN.text, _IN.payload, _IN.platform_id, _IN.sent_at)
    .where(_IN.conversation_id == bindparam("conversation_id"), _IN.state == InboxState.NEW.value)
    .order_by(_IN.id)
    .limit(1)
)
_END = (
    update(_INBOX)
    .where(_IN.id.in_(bindparam("ids", expanding=True)), _IN.state == InboxState.NEW.value)
    .values(
        state=bindparam("state_now"),
        handled_at=bindparam("at"),
        route=case((_IN.route.is_(None), bindparam("wanted")), else_=_IN.route),
    )
    .returning(_IN.id, _IN.route)
)
_ROUTE = update(_INBOX).where(_IN.id == bindparam("which"), _IN.route.is_(None)).values(route=bindparam("wanted"))
_FAILED_TRY = update(_INBOX).where(_IN.id == bindparam("which")).values(tries=_IN.tries + 1).returning(_IN.tries)


def resume(unit: Unit, conversation_id: int, lease: Lease) -> Work | None:
    """Take up a conversation that nobody works on; None where there is nothing to do or somebody does."""
    leased = conversations.locked(unit, [conversation_id]).get(conversation_id)
    work = following(unit, leased.conversation) if leased and leased.free_at(lease.now) else None
    if work:
        conversations.lease(unit, conversation_id, Hold(lease.holder, lease.until))
    return work


def hand_on(unit: Unit, left: Mapping[int, Left], lease: Lease) -> dict[int, Work]:
    """Leave conversations whose leases the caller holds: next rows with renewed leases, or the leases given back."""
    busy = conversations.pass_on(unit, left, Hold(lease.holder, lease.until), lease.now)
    found = (conversations.by_id(unit, conversation_id) for conversation_id in sorted(busy))
    work = (following(unit, conversation) for conversation in found if conversation)
    return {one.conversation.id: one for one in work if one}


def following(unit: Unit, conversation: Conversation) -> Work | None:
    """The oldest row of a conversation that has not had its turn."""
    row = unit.connection.execute(_NEXT, {"conversation_id": conversation.id}).one_or_none()
    return None if row is None else works(unit, [Row(row.id, conversation, row._mapping)])[0]


def works(unit: Unit, rows: Sequence[Row]) -> list[Work]:
    """Rows with all that their turns need to know."""
    if not rows:
        return []
    known = clients.by_ids(unit, [row.conversation.client_id for row in rows if row.conversation.client_id])
    told = intakes.all_open_in(unit, [row.conversation.id for row in rows])
    return [
        Work(
            row.inbox_id,
            _message(row.values, row.conversation.addressee),
            row.conversation,
            known.get(row.conversation.client_id or 0),
            told.get(row.conversation.id),
        )
        for row in rows
    ]


def end(unit: Unit, endings: Sequence[Ending], at: datetime) -> dict[int, str]:
    """Close rows; by row the way its replies go: the one wanted here unless another was settled before.

    A row that had its turn is not among them.
    """
    alike: dict[tuple[str, InboxState], list[int]] = {}
    for one in endings:
        alike.setdefault((one.wanted, one.state), []).append(one.inbox_id)
    routes: dict[int, str] = {}
    for (wanted, state), ids in alike.items():
        values = {"ids": ids, "state_now": state.value, "at": at, "wanted": wanted}
        routes |= {row.id: row.route for row in unit.connection.execute(_END, values)}
    return routes


def settle_route(unit: Unit, inbox_id: int, route: str) -> bool:
    """Say by which way the replies go, unless that is settled; True when this call did it."""
    return unit.connection.execute(_ROUTE, {"which": inbox_id, "wanted": route}).rowcount == 1


MOST_BEFORE = 20
"""Messages that are looked back at: an album has ten at most, and others may come between them."""


def is_later(unit: Unit, conversation_id: int, inbox_id: int, mark: tuple[str, str]) -> bool:
    """Whether one of the messages just before a row bears the same mark among its media."""
    before = (InboxRow.conversation_id == conversation_id, InboxRow.id < inbox_id)
    rows = unit.session.scalars(select(InboxRow.payload).where(*before).order_by(InboxRow.id.desc()).limit(MOST_BEFORE))
    name, value = mark
    return any(payload.get("media", {}).get(name) == value for payload in rows)


def failed_try(unit: Unit, inbox_id: int) -> int:
    """Count a turn that broke; returns how often it has."""
    return int(unit.connection.execute(_FAILED_TRY, {"which": inbox_id}).scalar_one())


def orphans(unit: Unit, now: datetime, limit: int = 200) -> list[int]:
    """Conversations with unhandled rows that nobody works on, longest waiting first."""
    free = or_(
        ConversationRow.lease_holder.is_(None),
        ConversationRow.lease_until.is_(None),
        ConversationRow.lease_until <= now,
    )
    found = unit.session.execute(
        select(InboxRow.conversation_id)
        .join(ConversationRow, ConversationRow.id == InboxRow.conversation_id)
        .where(InboxRow.state == InboxState.NEW.value, free)
        .order_by(InboxRow.received_at, InboxRow.id)  # by the id alone SQLite would look through the whole table
        .limit(limit)
    )
    return list(dict.fromkeys(found.scalars()))


def _message(values: Mapping[Any, Any], sender: Addressee) -> Inbound:
    payload: dict[str, Any] = values["payload"]
    kind, name, sent_at = values["kind"], values["platform_id"], values["sent_at"]
    locale = Locale(payload["locale"]) if "locale" in payload else None
    if kind in _EVENTS:
        return Event(sender, name, EventKind(kind), payload.get("value", ""), locale, sent_at)
    return Incoming(
        sender=sender,
        platform_id=name,
        kind=MessageKind(kind),
        text=values["text"],
        choice=payload.get("choice"),
        locale=locale,
        sent_at=sent_at,
        media=payload.get("media", {}),
    )
