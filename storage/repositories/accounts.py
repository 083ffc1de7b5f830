"""Chat accounts: made on first contact, marked when they follow, write or go."""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.messages import Event, Inbound
from bot.vocabulary import Addressee, EventKind, Locale
from storage.models import Base, ChatAccountRow, ConversationRow
from storage.unit import Unit

_CHATS, _TALKS = (Base.metadata.tables[row.__tablename__] for row in (ChatAccountRow, ConversationRow))
_CHAT = _CHATS.c
_NEW_ACCOUNT = {
    "sqlite": sqlite.insert(_CHATS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_CHATS).on_conflict_do_nothing(),
}
_NEW_CONVERSATION = {
    "sqlite": sqlite.insert(_TALKS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_TALKS).on_conflict_do_nothing(),
}
_ID = select(_CHAT.id).where(
    _CHAT.channel == bindparam("channel"),
    _CHAT.account == bindparam("account"),
    _CHAT.address == bindparam("address"),
)
_CHANGE = update(_CHATS).where(_CHAT.id == bindparam("which"))
_WROTE = _CHANGE.values(last_inbound_at=bindparam("at"), window_used=0, gone_at=None)
_FOLLOWED = _CHANGE.values(followed_at=bindparam("at"), gone_at=None)
_GONE = _CHANGE.values(gone_at=bindparam("at"))


def meet(unit: Unit, addressee: Addressee, locale: Locale | None, at: datetime) -> None:
    """Make the chat account and its conversation unless they are there; two at once make one."""
    connection = unit.connection
    dialect = connection.dialect.name
    place = {"channel": addressee.channel.value, "account": addressee.account, "address": addressee.address}
    connection.execute(_NEW_ACCOUNT[dialect], {**place, "locale": locale, "created_at": at})
    account = connection.execute(_ID, place).scalar_one()
    spoken = locale or Locale.ZH_CN
    connection.execute(_NEW_CONVERSATION[dialect], {"account_id": account, "locale": spoken, "created_at": at})


def mark(unit: Unit, account_id: int, item: Inbound, at: datetime) -> None:
    """Note on the account that its other side wrote, followed or left; other events change nothing."""
    if not isinstance(item, Event):
        statement = _WROTE
    elif item.kind is EventKind.FOLLOWED:
        statement = _FOLLOWED
    elif item.kind is EventKind.UNFOLLOWED:
        statement = _GONE
    else:
        return
    unit.connection.execute(statement, {"which": account_id, "at": at})
