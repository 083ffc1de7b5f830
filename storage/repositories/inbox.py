"""What came in: stored once, before anything is acknowledged, then handled in order under a lease.

A row is `new` until its turn is over. The conversation's lease says which process works on it: whoever stores a row
in a conversation that nobody works on gets the work with it; whoever ends a turn takes the next row or lets go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Executable, Result, bindparam, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import BodyUnreadable, RequestStale
from bot.messages import Event, Inbound, Incoming, ShownOption
from bot.vocabulary import Addressee, EventKind, Locale, MessageKind
from storage.models import Base, ConversationRow, InboxRow
from storage.repositories import accounts, clients, conversations, intakes, media
from storage.repositories.clients import Client
from storage.repositories.conversations import Conversation, Hold, Leased
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
_INSERTS = {
    "sqlite": sqlite.insert(_INBOX).on_conflict_do_nothing().returning(_IN.id),
    "postgresql": postgresql.insert(_INBOX).on_conflict_do_nothing().returning(_IN.id),
}
_KNOWN = select(_IN.id, _IN.conversation_id, _IN.state, _IN.route).where(
    _IN.channel == bindparam("channel"),
    _IN.account == bindparam("account"),
    _IN.platform_id == bindparam("platform_id"),
)
_NEXT = (
    select(_IN.id, _IN.kind, _IN.text, _IN.payload, _IN.platform_id, _IN.sent_at)
    .where(_IN.conversation_id == bindparam("conversation_id"), _IN.state == InboxState.NEW.value)
    .order_by(_IN.id)
    .limit(1)
)
_END = (
    update(_INBOX)
    .where(_IN.id == bindparam("which"))
    .values(
        state=bindparam("state_now"),
        handled_at=bindparam("at"),
        route=case((_IN.route.is_(None), bindparam("wanted")), else_=_IN.route),
    )
    .returning(_IN.route)
)
_ROUTE = update(_INBOX).where(_IN.id == bindparam("which"), _IN.route.is_(None)).values(route=bindparam("wanted"))
_FAILED_TRY = update(_INBOX).where(_IN.id == bindparam("which")).values(tries=_IN.tries + 1).returning(_IN.tries)


def accept(unit: Unit, items: Sequence[Inbound], replay_key: str | None, lease: Lease) -> list[Stored]:
    """Store arrivals of one request.

    RequestStale, and nothing stored, where its key came with another message; BodyUnreadable where an arrival names
    no chat that could be answered.
    """
    return [_accept(unit, item, replay_key if place == 0 else None, lease) for place, item in enumerate(items)]


def _accept(unit: Unit, item: Inbound, replay_key: str | None, lease: Lease) -> Stored:
    item = replace(item, platform_id=_fitting(item.platform_id))
    if not item.sender.address or item.sender.address != _fitting(item.sender.address, 128):
        raise BodyUnreadable("no address to answer to")
    leased = conversations.locked_at(unit, item.sender)
    if leased is None:
        accounts.meet(unit, item.sender, item.locale, lease.now)
        leased = conversations.locked_at(unit, item.sender)
    if leased is None:
        raise LookupError("a conversation just made is not there")
    values = _values(item, leased.conversation.id, replay_key, lease.now)
    row = _insert(unit, values)
    if row is None:
        return _known(unit, item)
    accounts.mark(unit, leased.conversation.account_id, item, lease.now)
    media.note(unit, row, item, lease.now)
    unit.announce("conversation", leased.conversation.id)
    free = leased.free_at(lease.now)
    work = _begun(unit, leased, row, values) if free else None
    hold = Hold(lease.holder, lease.until) if work else leased.hold
    conversations.heard(unit, leased.conversation.id, hold, lease.now)
    return Stored(row, leased.conversation.id, new=True, work=work)


def _begun(unit: Unit, leased: Leased, inbox_id: int, values: Mapping[str, Any]) -> Work | None:
    """The work on a row just stored, or on an older one that still lies there."""
    conversation = leased.conversation
    return _next(unit, conversation) if leased.waiting else _work(unit, conversation, inbox_id, values)


def _insert(unit: Unit, values: Mapping[str, Any]) -> int | None:
    connection = unit.connection
    return connection.execute(_INSERTS[connection.dialect.name], values).scalar_one_or_none()


def _values(item: Inbound, conversation_id: int, replay_key: str | None, at: datetime) -> dict[str, Any]:
    return {
        "channel": item.sender.channel.value,
        "account": item.sender.account,
        "platform_id": item.platform_id,
        "replay_key": None if replay_key is None else _fitting(replay_key),
        "conversation_id": conversation_id,
        "kind": item.kind.value,
        "text": _plain(item.text) if isinstance(item, Incoming) else "",
        "payload": _payload(item),
        "received_at": at,
        "sent_at": item.sent_at,
    }


def _known(unit: Unit, item: Inbound) -> Stored:
    place = {"channel": item.sender.channel.value, "account": item.sender.account, "platform_id": item.platform_id}
    row = _execute(unit, _KNOWN, place).one_or_none()
    if row is None:
        raise RequestStale("time-stamp and nonce came before with another message")
    return Stored(row.id, row.conversation_id, new=False, state=InboxState(row.state), route=row.route)


def resume(unit: Unit, conversation_id: int, lease: Lease) -> Work | None:
    """Take up a conversation that nobody works on; None where there is nothing to do or somebody does."""
    leased = conversations.locked(unit, conversation_id)
    work = None if leased is None else _take(unit, leased, lease)
    if work:
        conversations.lease(unit, conversation_id, Hold(lease.holder, lease.until))
    return work


def _take(unit: Unit, leased: Leased, lease: Lease) -> Work | None:
    return _next(unit, leased.conversation) if leased.free_at(lease.now) else None


def hand_on(unit: Unit, conversation_id: int, lease: Lease, offered: Sequence[ShownOption]) -> Work | None:
    """Leave a conversation whose lease the caller holds: the next row with the lease renewed, or the lease given back.

    `offered` is the list offered on the way; without one the former list stays.
    """
    hold = Hold(lease.holder, lease.until)
    if not conversations.pass_on(unit, conversation_id, hold, offered, lease.now):
        return None
    conversation = conversations.by_id(unit, conversation_id)
    return None if conversation is None else _next(unit, conversation)


def _next(unit: Unit, conversation: Conversation) -> Work | None:
    row = _execute(unit, _NEXT, {"conversation_id": conversation.id}).one_or_none()
    return None if row is None else _work(unit, conversation, row.id, row._mapping)


def _work(unit: Unit, conversation: Conversation, inbox_id: int, values: Mapping[Any, Any]) -> Work:
    """A row with all that its turn needs to know; `values` are its columns by name."""
    client = clients.by_id(unit, conversation.client_id) if conversation.client_id else None
    intake = intakes.open_in(unit, conversation.id)
    return Work(inbox_id, _message(values, conversation.addressee), conversation, client, intake)


def end(unit: Unit, inbox_id: int, route: str, at: datetime, state: InboxState = InboxState.HANDLED) -> str:
    """Close a row; returns by which way its replies go: the one wanted here unless another was settled before."""
    values = {"which": inbox_id, "state_now": state.value, "at": at, "wanted": route}
    return str(unit.connection.execute(_END, values).scalar_one())


def settle_route(unit: Unit, inbox_id: int, route: str) -> bool:
    """Say by which way the replies go, unless that is settled; True when this call did it."""
    return unit.connection.execute(_ROUTE, {"which": inbox_id, "wanted": route}).rowcount == 1


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
        .order_by(InboxRow.id)
        .limit(limit)
    )
    return list(dict.fromkeys(found.scalars()))


def _execute(unit: Unit, statement: Executable, values: Mapping[str, object]) -> Result[*tuple[Any, ...]]:
    return unit.connection.execute(statement, values)


def _payload(item: Inbound) -> dict[str, Any]:
    given: dict[str, Any] = {"locale": item.locale.value if item.locale else None}
    if isinstance(item, Event):
        given["value"] = _plain(item.value)
    else:
        given["choice"] = None if item.choice is None else _plain(item.choice)
        given["media"] = {_plain(name): _plain(value) for name, value in item.media.items()}
    return {name: value for name, value in given.items() if value is not None and value != {}}


def _plain(text: str) -> str:
    """The text without what a database cannot hold: NUL, and halves of signs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _fitting(text: str, longest: int = 160) -> str:
    """An id as a column holds it; of one that is too long the end becomes its hash."""
    plain = _plain(text)
    if len(plain) <= longest:
        return plain
    return plain[: longest - 33] + "#" + sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


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
