"""Reading and writing conversations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

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


def by_id(unit: Unit, conversation_id: int) -> Conversation | None:
    """The conversation, if there is one."""
    found = unit.session.execute(
        select(ConversationRow, ChatAccountRow)
        .join(ChatAccountRow, ChatAccountRow.id == ConversationRow.account_id)
        .where(ConversationRow.id == conversation_id)
    ).one_or_none()
    return None if found is None else _conversation(*found)


def _conversation(row: ConversationRow, chat: ChatAccountRow) -> Conversation:
    return Conversation(
        id=row.id,
        account_id=row.account_id,
        addressee=Addressee(ChannelKind(chat.channel), chat.account, chat.address),
        client_id=chat.client_id,
        owner=row.owner,
        staff_id=row.staff_id,
        ticket_id=row.ticket_id,
        locale=row.locale,
        options=tuple(ShownOption(**item) for item in row.options),
        options_at=row.options_at,
        dialog=dict(row.dialog),
        gone_at=chat.gone_at,
        bind_locked_until=chat.bind_locked_until,
    )
