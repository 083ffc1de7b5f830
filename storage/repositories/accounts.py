"""Chat accounts: made on first contact, marked when they follow, write or go."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Integer, Update, and_, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.base import Capabilities
from bot.messages import Event, Inbound, Incoming
from bot.vocabulary import Addressee, EventKind, Locale
from storage.models import Base, ChatAccountRow, ConversationRow
from storage.repositories import notices
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
_THESE = update(_CHATS).where(_CHAT.id.in_(bindparam("ids", expanding=True)))
_WROTE = _THESE.values(last_inbound_at=bindparam("at"), window_used=0, gone_at=None)
_ACTED = _THESE.values(acted_at=bindparam("at"), action_used=0, gone_at=None)
_FOLLOWED = _ACTED.values(followed_at=bindparam("at"))
_GONE = _THESE.values(gone_at=bindparam("at"))


_FREE = case(
    (
        and_(_CHAT.acted_at > bindparam("since"), _CHAT.action_used < bindparam("of")),
        bindparam("of", type_=Integer) - _CHAT.action_used,
    ),
    else_=0,
)
_COST = bindparam("cost", type_=Integer)
_TAKEN = case((_COST < _FREE, _COST), else_=_FREE)
_SPENT = _CHANGE.values(
    action_used=_CHAT.action_used + _TAKEN,
    window_used=_CHAT.window_used + _COST - _TAKEN,
)
"""The window of an action closes first, so it is used first."""


def spend(unit: Unit, costs: Sequence[tuple[int, int]], capabilities: Capabilities, now: datetime) -> None:
    """Count messages that went out against the windows of their chats: pairs of account id and number."""
    action = capabilities.action_window
    bounds = {"since": now - action.span if action else now, "of": action.messages if action else 0}
    values = [{"which": account_id, "cost": cost, **bounds} for account_id, cost in costs if cost]
    if values:
        unit.connection.execute(_SPENT, values)


def shut(unit: Unit, account_ids: Sequence[int], capabilities: Capabilities) -> None:
    """The platform says that nothing more may be sent to these until they write."""
    if account_ids:
        used = {"window_used": capabilities.window.messages if capabilities.window else 0}
        used |= {"action_used": capabilities.action_window.messages if capabilities.action_window else 0}
        unit.connection.execute(update(_CHATS).where(_CHAT.id.in_(account_ids)).values(used))


def count_group(unit: Unit, account_ids: Sequence[int], month: str) -> None:
    """Count one message by group for each chat in a month (2026-11)."""
    used = case((_CHAT.group_month == month, _CHAT.group_used + 1), else_=1)
    counted = _CHANGE.values(group_used=used, group_month=month)
    if account_ids:
        unit.connection.execute(counted, [{"which": account_id} for account_id in account_ids])


def meet(unit: Unit, addressee: Addressee, locale: Locale | None, at: datetime) -> None:
    """Make the chat account and its conversation unless they are there; two at once make one."""
    connection = unit.connection
    dialect = connection.dialect.name
    place = {"channel": addressee.channel.value, "account": addressee.account, "address": addressee.address}
    connection.execute(_NEW_ACCOUNT[dialect], {**place, "locale": locale, "created_at": at})
    account = connection.execute(_ID, place).scalar_one()
    spoken = locale or Locale.ZH_CN
    connection.execute(_NEW_CONVERSATION[dialect], {"account_id": account, "locale": spoken, "created_at": at})


_DEEDS = {
    EventKind.CLICKED: _ACTED,
    EventKind.SCANNED: _ACTED,
    EventKind.FOLLOWED: _FOLLOWED,
    EventKind.RETURNED: _ACTED,
    EventKind.UNFOLLOWED: _GONE,
}


def mark(unit: Unit, items: Iterable[tuple[int, Inbound]], at: datetime) -> None:
    """Note on the accounts what their other sides did: wrote, acted, followed, left, allowed or stopped notices."""
    marked: dict[Update, list[int]] = {}
    for account_id, item in items:
        statement = _deed(item)
        if statement is not None:
            marked.setdefault(statement, []).append(account_id)
        elif item.kind is EventKind.NOTICE_ALLOWED and isinstance(item, Event):
            notices.allow(unit, account_id, item.value, at)
        elif item.kind is EventKind.NOTICE_STOPPED and isinstance(item, Event):
            notices.stop(unit, [(account_id, item.value)], at)
    for statement, ids in marked.items():
        unit.connection.execute(statement, {"ids": ids, "at": at})


def _deed(item: Inbound) -> Update | None:
    if isinstance(item, Incoming):
        return _ACTED if item.by_menu else _WROTE
    return _DEEDS.get(item.kind)
