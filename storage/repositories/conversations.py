"""Reading and writing conversations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, String, Update, bindparam, case, exists, select, update

from bot.messages import ShownOption, Topic
from bot.vocabulary import Addressee, ChannelKind, Locale, Owner
from storage.models import Base, ChatAccountRow, ConversationRow, InboxRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat's dialogue with the chat it is held in; `dialog` is what handlers remember between turns.

    `topic_turns` counts the turns that ended since the topic was set.
    """

    id: int
    account_id: int
    addressee: Addressee
    client_id: int | None
    owner: Owner
    staff_id: int | None
    ticket_id: int | None
    locale: Locale
    options: tuple[ShownOption, ...]
    options_at: datetime | None
    topic: Topic | None
    topic_at: datetime | None
    topic_turns: int
    dialog: dict[str, Any]
    gone_at: datetime | None
    bind_locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Hold:
    """The lease on a conversation: who works on it and until when; None where nobody does."""

    holder: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leased:
    """A conversation with the lease on it; `waiting` says whether messages may lie unhandled in it."""

    conversation: Conversation
    hold: Hold
    waiting: bool = True

    def free_at(self, now: datetime) -> bool:
        """Whether anybody may take it."""
        return self.hold.holder is None or self.hold.until is None or self.hold.until <= now


@dataclass(frozen=True, slots=True)
class Left:
    """How a turn leaves a conversation: the list it offered and what it spoke of; without either the former stays."""

    options: Sequence[ShownOption] = ()
    topic: Topic | None = None


# Every message runs these: built once, on the tables themselves, executed on the connection.
_TALKS, _CHATS, _INBOX = (
    Base.metadata.tables[row.__tablename__] for row in (ConversationRow, ChatAccountRow, InboxRow)
)
_TALK, _CHAT = _TALKS.c, _CHATS.c
_COLUMNS = select(
    _TALK.id,
    _TALK.account_id,
    _CHAT.channel,
    _CHAT.account,
    _CHAT.address,
    _CHAT.client_id,
    _TALK.owner,
    _TALK.staff_id,
    _TALK.ticket_id,
    _TALK.locale,
    _TALK.options,
    _TALK.options_at,
    _TALK.topic,
    _TALK.topic_at,
    _TALK.topic_turns,
    _TALK.dialog,
    _CHAT.gone_at,
    _CHAT.bind_locked_until,
    _TALK.lease_holder,
    _TALK.lease_until,
).select_from(_TALKS.join(_CHATS, _CHAT.id == _TALK.account_id))
_BY_ID = _COLUMNS.where(_TALK.id == bindparam("id"))
_OF_ACCOUNT = _COLUMNS.where(_CHAT.channel == bindparam("channel"), _CHAT.account == bindparam("account"))
_BY_ADDRESS = _OF_ACCOUNT.where(_CHAT.address == bindparam("address"))
# By account, then by number, as arrivals hold them one account after another: two processes never wait for each other.
_LOCKED = (
    _COLUMNS.where(_TALK.id.in_(bindparam("ids", expanding=True)))
    .order_by(_CHAT.channel, _CHAT.account, _TALK.id)
    .with_for_update(of=_TALKS)
)
_UNHANDLED = exists().where(_INBOX.c.conversation_id == _TALK.id, _INBOX.c.state == "new")
_LOCKED_AT = (
    _OF_ACCOUNT.where(_CHAT.address.in_(bindparam("addresses", expanding=True)))
    .add_columns(_UNHANDLED.label("waiting"))
    .order_by(_TALK.id)
    .with_for_update(of=_TALKS)
)


def by_id(unit: Unit, conversation_id: int) -> Conversation | None:
    """The conversation, if there is one."""
    row = _row(unit, _BY_ID, {"id": conversation_id})
    return None if row is None else _conversation(row)


def by_address(unit: Unit, addressee: Addressee) -> Conversation | None:
    """The conversation held in a chat, if it ever wrote."""
    place = {"channel": addressee.channel.value, "account": addressee.account, "address": addressee.address}
    row = _row(unit, _BY_ADDRESS, place)
    return None if row is None else _conversation(row)


def locked(unit: Unit, ids: Sequence[int]) -> dict[int, Leased]:
    """Conversations and their leases by id; other writers of them wait until this unit ends."""
    unit.flush()
    return {row.id: _leased(row) for row in unit.connection.execute(_LOCKED, {"ids": list(ids)})}


def locked_at(unit: Unit, addressees: Iterable[Addressee]) -> dict[Addressee, Leased]:
    """Conversations of chats and their leases; other writers of them wait until this unit ends."""
    unit.flush()
    found: dict[Addressee, Leased] = {}
    for (channel, account), addresses in _by_account(addressees).items():
        values = {"channel": channel.value, "account": account, "addresses": addresses}
        for row in unit.connection.execute(_LOCKED_AT, values):
            found[Addressee(channel, account, row.address)] = replace(_leased(row), waiting=row.waiting)
    return found


def _by_account(addressees: Iterable[Addressee]) -> dict[tuple[ChannelKind, str], list[str]]:
    """Addresses of each of our accounts, accounts in an order that is always the same."""
    found: dict[tuple[ChannelKind, str], list[str]] = {}
    for one in sorted(addressees, key=lambda one: (one.channel, one.account)):
        found.setdefault((one.channel, one.account), []).append(one.address)
    return found


_THESE = update(_TALKS).where(_TALK.id.in_(bindparam("ids", expanding=True)))
_LEASE: dict[str, Any] = {"lease_holder": bindparam("holder"), "lease_until": bindparam("until")}
_HEARD = _THESE.values(last_inbound_at=bindparam("at"))
_HEARD_AND_TAKEN = _HEARD.values(**_LEASE)
_LEAVE = _THESE.values(**_LEASE)
_PASS_ON = _THESE.values(
    lease_holder=case((_UNHANDLED, bindparam("holder", type_=String))),
    lease_until=bindparam("until"),
    topic_turns=_TALK.topic_turns + 1,
).returning(_TALK.id, _TALK.lease_holder)
_THIS = update(_TALKS).where(_TALK.id == bindparam("of"))
_OFFERED: dict[str, Any] = {"options": bindparam("offered", type_=_TALK.options.type), "options_at": bindparam("at")}
_SPOKEN_OF = {"topic": bindparam("spoken_of", type_=_TALK.topic.type), "topic_at": bindparam("at"), "topic_turns": 0}
_OFFER, _DWELL, _OFFER_AND_DWELL = (_THIS.values(**kept) for kept in (_OFFERED, _SPOKEN_OF, _OFFERED | _SPOKEN_OF))
_SPEAK = _THESE.values(locale=bindparam("spoken"))


def heard(unit: Unit, ids: Sequence[int], at: datetime, hold: Hold | None = None) -> None:
    """The clients wrote; with `hold` the conversations are taken as well."""
    if hold:
        _change(unit, _HEARD_AND_TAKEN, ids, at=at, holder=hold.holder, until=hold.until)
    else:
        _change(unit, _HEARD, ids, at=at)


def lease(unit: Unit, conversation_id: int, hold: Hold) -> None:
    """Take, renew or give back the lease."""
    _change(unit, _LEAVE, [conversation_id], holder=hold.holder, until=hold.until)


def pass_on(unit: Unit, left: Mapping[int, Left], hold: Hold, at: datetime) -> set[int]:
    """Keep the leases where messages lie unhandled, else give them back; returns the conversations that have any."""
    unit.flush()
    given_back = {"ids": list(left), "holder": hold.holder, "until": hold.until}
    rows = unit.connection.execute(_PASS_ON, given_back).all()
    kept: dict[Update, list[dict[str, Any]]] = {}
    for conversation_id, one in left.items():
        if one.options or one.topic is not None:
            statement, values = _leaving(one)
            kept.setdefault(statement, []).append(values | {"of": conversation_id, "at": at})
    for statement, sets in kept.items():
        unit.connection.execute(statement, sets)
    return {row.id for row in rows if row.lease_holder is not None}


def _leaving(left: Left) -> tuple[Update, dict[str, Any]]:
    values: dict[str, Any] = {}
    if left.options:
        values["offered"] = [{"value": option.value, "label": option.label} for option in left.options]
    if left.topic is None:
        return _OFFER, values
    values["spoken_of"] = asdict(left.topic)
    return _OFFER_AND_DWELL if left.options else _DWELL, values


def speak(unit: Unit, conversation_id: int, locale: Locale) -> None:
    """Go on in another language."""
    _change(unit, _SPEAK, [conversation_id], spoken=locale)


def free_leases(unit: Unit) -> None:
    """Let go of all leases: at the start of the one process that works on a database alone."""
    unit.session.execute(
        update(ConversationRow).where(ConversationRow.lease_holder.is_not(None)).values(lease_holder=None)
    )


def _change(unit: Unit, statement: Update, ids: Sequence[int], **values: object) -> None:
    if ids:
        unit.connection.execute(statement, {"ids": ids, **values})


def _row(unit: Unit, statement: Select[*tuple[Any, ...]], values: Mapping[str, object]) -> Row[*tuple[Any, ...]] | None:
    """The one row; what the unit changed so far is written first, for the connection would not see it."""
    unit.flush()
    return unit.connection.execute(statement, values).one_or_none()


def _leased(row: Row[*tuple[Any, ...]]) -> Leased:
    return Leased(_conversation(row), Hold(row.lease_holder, row.lease_until))


def _conversation(row: Row[*tuple[Any, ...]]) -> Conversation:
    return Conversation(
        id=row.id,
        account_id=row.account_id,
        addressee=Addressee(ChannelKind(row.channel), row.account, row.address),
        client_id=row.client_id,
        owner=row.owner,
        staff_id=row.staff_id,
        ticket_id=row.ticket_id,
        locale=row.locale,
        options=tuple(ShownOption(**item) for item in row.options),
        options_at=row.options_at,
        topic=_topic(row.topic),
        topic_at=row.topic_at,
        topic_turns=row.topic_turns,
        dialog=dict(row.dialog),
        gone_at=row.gone_at,
        bind_locked_until=row.bind_locked_until,
    )


def _topic(kept: Mapping[str, Any] | None) -> Topic | None:
    if kept is None:
        return None
    return Topic(kept["text"], tuple(kept["entries"]), kept["given"], tuple(kept["shown"]), kept.get("handed", False))
