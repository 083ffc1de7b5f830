"""What only the demo branch needs of the database."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, select

from bot.vocabulary import ChannelKind, Locale, Owner
from storage.models import BranchRow, ChatAccountRow, ClientRow, ConversationRow, StaffRow
from storage.unit import Unit


class Standing(StrEnum):
    """What a database holds."""

    EMPTY = "empty"
    DEMO = "demo"
    REAL = "real"


def standing(unit: Unit) -> Standing:
    """Whether the demo branch may be loaded, is there, or must not come in."""
    if unit.session.scalar(select(BranchRow.demo).limit(1)):
        return Standing.DEMO
    for model in (ClientRow, StaffRow, ConversationRow):
        if unit.session.scalar(select(model.id).limit(1)) is not None:
            return Standing.REAL
    return Standing.EMPTY


def count(unit: Unit) -> int:
    """How many clients there are."""
    return unit.session.scalar(select(func.count()).select_from(ClientRow)) or 0


def record_chats(unit: Unit, ids: Mapping[str, int], without: str, now: datetime) -> None:
    """A bound chat on the recording channel for each client but one; `ids` by client number."""
    chats = [_chat(number, client_id, now) for number, client_id in ids.items() if number != without]
    unit.session.execute(insert(ChatAccountRow), chats)
    made = select(ChatAccountRow.id).where(ChatAccountRow.channel == ChannelKind.RECORDING)
    unit.session.execute(insert(ConversationRow), [_conversation(chat, now) for chat in unit.session.scalars(made)])


def _chat(number: str, client_id: int, now: datetime) -> dict[str, object]:
    return {
        "channel": ChannelKind.RECORDING,
        "account": "main",
        "address": number,
        "client_id": client_id,
        "bound_at": now,
        "followed_at": now,
        "window_used": 0,
        "bind_tries": 0,
        "created_at": now,
    }


def _conversation(account_id: int, now: datetime) -> dict[str, object]:
    return {
        "account_id": account_id,
        "owner": Owner.BOT,
        "locale": Locale.ZH_CN,
        "options": [],
        "dialog": {},
        "created_at": now,
    }
