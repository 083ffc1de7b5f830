"""Reading and writing conversations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, String, Update, bindparam, case, exists, select, update

from bot.messages import ShownOption
from bot.vocabulary import Addressee, ChannelKind, Locale, Owner
from storage.models import Base, ChatAccountRow, ConversationRow, InboxRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat's dialogue with the chat it is held in; `dialog` is what handlers remember between turns."""

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
    _TALK.dialog,
    _CHAT.gone_at,
    _CHAT.bind_locked_until,
    _TALK.lease_holder,
    _TALK.lease_until,
).select_from(_TALKS.join(_CHATS, _CHAT.id == _TALK.account_id))
_BY_ID = _COLUMNS.where(_TALK.id == bindparam("id"))
_BY_ADDRESS = _COLUMNS.where(
    _CHAT.channel == bindparam("channel"),
    _CHAT.account == bindparam("account"),
    _CHAT.address == bindparam("address"),
)
_BY_ID_LOCKED = _BY_ID.with_for_update(of=_TALKS)
_UNHANDLED = exists().where(_INBOX.c.conversation_id == _TALK.id, _INBOX.c.state == "new")
_BY_ADDRESS_LOCKED = _BY_ADDRESS.add_columns(_UNHANDLED.label("waiting")).with_for_update(of=_TALKS)


def by_id(unit: Unit, conversation_id: int) -> Conversation | None:
    """The conversation, if there is one."""
    row = _row(unit, _BY_ID, {"id": conversation_id})
    return None if row is None else _conversation(row)


def by_address(unit: Unit, addressee: Addressee) -> Conversation | None:
    """The conversation held in a chat, if it ever wrote."""
    row = _row(unit, _BY_ADDRESS, _place(addressee))
    return None if row is None else _conversation(row)


def locked(unit: Unit, conversation_id: int) -> Leased | None:
    """The conversation and its lease; other writers of it wait until this unit ends."""
    row = _row(unit, _BY_ID_LOCKED, {"id": conversation_id})
    return None if row is None else _leased(row)


def locked_at(unit: Unit, addressee: Addressee) -> Leased | None:
    """The conversation of a chat and its lease; other writers of it wait until this unit ends."""
    row = _row(unit, _BY_ADDRESS_LOCKED, _place(addressee))
    return None if row is None else replace(_leased(row), waiting=row.waiting)


_THIS = update(_TALKS).where(_TALK.id == bindparam("which"))
_LEASE: dict[str, Any] = {"lease_holder": bindparam("holder"), "lease_until": bindparam("until")}
_HEARD = _THIS.values(last_inbound_at=bindparam("at"), **_LEASE)
_LEAVE = _THIS.values(**_LEASE)
_PASS_ON = _THIS.values(
    lease_holder=case((_UNHANDLED, bindparam("holder", type_=String))), lease_until=bindparam("until")
).returning(_TALK.lease_holder)
_OFFER = _PASS_ON.values(options=bindparam("offered", type_=_TALK.options.type), options_at=bindparam("at"))
_SPEAK = _THIS.values(locale=bindparam("spoken"))


def heard(unit: Unit, conversation_id: int, hold: Hold, at: datetime) -> None:
    """The client wrote."""
    _change(unit, _HEARD, conversation_id, at=at, holder=hold.holder, until=hold.until)


def lease(unit: Unit, conversation_id: int, hold: Hold) -> None:
    """Take, renew or give back the lease."""
    _change(unit, _LEAVE, conversation_id, holder=hold.holder, until=hold.until)


def pass_on(unit: Unit, conversation_id: int, hold: Hold, options: Sequence[ShownOption], at: datetime) -> bool:
    """Keep the lease where messages lie unhandled, else give it back; whether there are any.

    `options` is the list offered last; without one the former stays.
    """
    values: dict[str, object] = {"which": conversation_id, "holder": hold.holder, "until": hold.until}
    if options:
        kept = [{"value": option.value, "label": option.label} for option in options]
        values |= {"offered": kept, "at": at}
    unit.flush()
    statement = _OFFER if options else _PASS_ON
    return unit.connection.execute(statement, values).scalar_one() is not None


def speak(unit: Unit, conversation_id: int, locale: Locale) -> None:
    """Go on in another language."""
    _change(unit, _SPEAK, conversation_id, spoken=locale)


def free_leases(unit: Unit) -> None:
    """Let go of all leases: at the start of the one process that works on a database alone."""
    unit.session.execute(
        update(ConversationRow).where(ConversationRow.lease_holder.is_not(None)).values(lease_holder=None)
    )


def _change(unit: Unit, statement: Update, conversation_id: int, **values: object) -> None:
    unit.connection.execute(statement, {"which": conversation_id, **values})


def _row(unit: Unit, statement: Select[*tuple[Any, ...]], values: Mapping[str, object]) -> Row[*tuple[Any, ...]] | None:
    """The one row; what the unit changed so far is written first, for the connection would not see it."""
    unit.flush()
    return unit.connection.execute(statement, values).one_or_none()


def _place(addressee: Addressee) -> dict[str, str]:
    return {"channel": addressee.channel.value, "account": addressee.account, "address": addressee.address}


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
        dialog=dict(row.dialog),
        gone_at=row.gone_at,
        bind_locked_until=row.bind_locked_until,
    )
