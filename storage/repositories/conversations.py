"""Reading and writing conversations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from bot.messages import ShownOption
from bot.vocabulary import Addressee, ChannelKind, Locale, Owner
from storage.models import ChatAccountRow, ConversationRow
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
class Leased:
    """A conversation with the lease on it; `holder` is None where nobody works on it."""

    conversation: Conversation
    holder: str | None
    until: datetime | None

    def free_at(self, now: datetime) -> bool:
        """Whether anybody may take it."""
        return self.holder is None or self.until is None or self.until <= now


_COLUMNS = select(
    ConversationRow.id,
    ConversationRow.account_id,
    ChatAccountRow.channel,
    ChatAccountRow.account,
    ChatAccountRow.address,
    ChatAccountRow.client_id,
    ConversationRow.owner,
    ConversationRow.staff_id,
    ConversationRow.ticket_id,
    ConversationRow.locale,
    ConversationRow.options,
    ConversationRow.options_at,
    ConversationRow.dialog,
    ChatAccountRow.gone_at,
    ChatAccountRow.bind_locked_until,
    ConversationRow.lease_holder,
    ConversationRow.lease_until,
).join(ChatAccountRow, ChatAccountRow.id == ConversationRow.account_id)
_BY_ID = _COLUMNS.where(ConversationRow.id == bindparam("id"))
_BY_ADDRESS = _COLUMNS.where(
    ChatAccountRow.channel == bindparam("channel"),
    ChatAccountRow.account == bindparam("account"),
    ChatAccountRow.address == bindparam("address"),
)
_BY_ID_LOCKED = _BY_ID.with_for_update(of=ConversationRow)
_BY_ADDRESS_LOCKED = _BY_ADDRESS.with_for_update(of=ConversationRow)


def by_id(unit: Unit, conversation_id: int) -> Conversation | None:
    """The conversation, if there is one."""
    row = unit.session.execute(_BY_ID, {"id": conversation_id}).one_or_none()
    return None if row is None else _conversation(row)


def by_address(unit: Unit, addressee: Addressee) -> Conversation | None:
    """The conversation held in a chat, if it ever wrote."""
    row = unit.session.execute(_BY_ADDRESS, _place(addressee)).one_or_none()
    return None if row is None else _conversation(row)


def locked(unit: Unit, conversation_id: int) -> Leased | None:
    """The conversation and its lease; other writers of it wait until this unit ends."""
    row = unit.session.execute(_BY_ID_LOCKED, {"id": conversation_id}).one_or_none()
    return None if row is None else _leased(row)


def locked_at(unit: Unit, addressee: Addressee) -> Leased | None:
    """The conversation of a chat and its lease; other writers of it wait until this unit ends."""
    row = unit.session.execute(_BY_ADDRESS_LOCKED, _place(addressee)).one_or_none()
    return None if row is None else _leased(row)


_CHANGE = update(ConversationRow).where(ConversationRow.id == bindparam("which"))


def change(unit: Unit, conversation_id: int, **values: object) -> None:
    """Set some columns."""
    unit.session.connection().execute(_CHANGE.values(values), {"which": conversation_id})


def free_leases(unit: Unit) -> None:
    """Let go of all leases: at the start of the one process that works on a database alone."""
    unit.session.execute(
        update(ConversationRow).where(ConversationRow.lease_holder.is_not(None)).values(lease_holder=None)
    )


def _place(addressee: Addressee) -> dict[str, str]:
    return {"channel": addressee.channel.value, "account": addressee.account, "address": addressee.address}


def _leased(row: Row[*tuple[Any, ...]]) -> Leased:
    return Leased(_conversation(row), row.lease_holder, row.lease_until)


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
