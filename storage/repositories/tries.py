"""Deliveries that go on by another chat: what was tried before, and the move itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Integer,
    String,
    TextClause,
    Update,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy import text as sql

from bot.vocabulary import DIALOGUE, DeliveryState
from storage.models import DeliveryRow, DeliveryTryRow
from storage.repositories.fanout import Chat
from storage.types import UTCDateTime
from storage.unit import Unit

Standing = Sequence[ColumnElement[bool] | TextClause]
"""How a delivery must still stand to be moved."""

TAKEN: Standing = (sql("deliveries.state IN ('sent', 'awaiting_staff')"), DeliveryRow.doubted.is_(False))
"""A platform took it, and says later that it did not arrive."""


def held_by(holder: str | None) -> Standing:
    """Not out yet, and this worker's (None: nobody's)."""
    unsent = sql("deliveries.state IN ('pending', 'sending', 'uncertain')")
    return (unsent, DeliveryRow.claimed_by.is_not_distinct_from(holder))


@dataclass(frozen=True, slots=True)
class Tried:
    """A chat that a delivery came from, on which of our accounts, and the rule that it left by."""

    account_id: int
    place: tuple[str, str]
    rule: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """A delivery that can't go out where it is, at `place`; `tried` are the chats it came from."""

    id: int
    client_id: int
    account_id: int | None
    place: tuple[str, str]
    text_key: str
    personal: frozenset[str]
    tried: tuple[Tried, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A delivery that goes on by another chat; `rule` and `error` say why not by the one before."""

    delivery_id: int
    rule: str
    to: Chat
    error: str | None = None


def stuck(unit: Unit, ids: Collection[int]) -> list[Stuck]:
    """Those of some deliveries that may go on elsewhere: not a dialogue's, and none that may have gone out."""
    own = DeliveryRow
    columns = (own.id, own.client_id, own.account_id, own.channel, own.account, own.text_key, own.personal)
    statement = select(*columns).where(
        own.id.in_(ids),
        own.client_id.is_not(None),
        own.purpose.not_in(list(DIALOGUE)),
        own.doubted.is_(False),
    )
    tried = _tried(unit, ids)
    return [
        Stuck(
            row.id,
            row.client_id or 0,
            row.account_id,
            (row.channel or "", row.account or ""),
            row.text_key,
            frozenset(row.personal),
            tuple(tried.get(row.id, ())),
        )
        for row in unit.session.execute(statement.order_by(own.id))
    ]


def _tried(unit: Unit, ids: Collection[int]) -> dict[int, list[Tried]]:
    row = DeliveryTryRow
    before = select(row.delivery_id, row.account_id, row.channel, row.account, row.rule)
    found: dict[int, list[Tried]] = {}
    for delivery_id, account_id, channel, account, rule in unit.session.execute(before.where(row.delivery_id.in_(ids))):
        found.setdefault(delivery_id, []).append(Tried(account_id, (channel, account), rule))
    return found


def channels(unit: Unit, ids: Collection[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
    """The channels that deliveries were tried on before, in order, each with the rule that it ended by."""
    row = DeliveryTryRow
    statement = select(row.delivery_id, row.channel, row.rule).where(row.delivery_id.in_(ids))
    found: dict[int, list[tuple[str, str]]] = {}
    for delivery_id, channel, rule in unit.session.execute(statement.order_by(row.delivery_id, row.number)):
        found.setdefault(delivery_id, []).append((channel, rule))
    return found


def move(unit: Unit, moves: Collection[Move], standing: Standing, now: datetime) -> None:
    """Keep what was tried and set the new chat, for those that still stand so: both or neither."""
    if not moves:
        return
    mine = (DeliveryRow.id == bindparam("row"), *standing)
    values = [
        {
            "row": one.delivery_id,
            "why": one.rule,
            "answer": one.error,
            "to_account_id": one.to.account_id,
            "to_conversation_id": one.to.conversation_id,
            "to_channel": one.to.channel,
            "to_account": one.to.account,
            "to_address": one.to.address,
        }
        for one in moves
    ]
    unit.connection.execute(_kept(mine, now), values)
    unit.connection.execute(_moved(mine, now), values)


def _kept(mine: Sequence[Any], now: datetime) -> Insert:
    """The row as it stood becomes a try; locked until the commit, so that the move that follows finds the same."""
    earlier = select(func.count()).where(DeliveryTryRow.delivery_id == DeliveryRow.id).scalar_subquery()
    columns: dict[str, ColumnElement[Any]] = {
        "delivery_id": DeliveryRow.id.expression,
        "number": earlier + literal(1, Integer),
        **{name: getattr(DeliveryRow, name).expression for name in _COPIED},
        "rule": bindparam("why", type_=String),
        "error": bindparam("answer", type_=String),
        "ended_at": literal(now, UTCDateTime),
    }
    source = select(*columns.values()).where(*mine).with_for_update(of=DeliveryRow)
    return insert(DeliveryTryRow.__table__).from_select(list(columns), source)  # type: ignore[arg-type]


_COPIED = ("account_id", "channel", "account", "address", "attempts", "decision")


def _moved(mine: Sequence[Any], now: datetime) -> Update:
    there = ("account_id", "conversation_id", "channel", "account", "address")
    return (
        update(DeliveryRow.__table__)  # type: ignore[arg-type]
        .where(*mine)
        .values(
            {name: bindparam(f"to_{name}", type_=DeliveryRow.__table__.c[name].type) for name in there}
            | {"state": DeliveryState.PENDING, "rule": None, "error": None, "attempts": 0}
            | {"claimed_by": None, "claimed_at": None, "not_before": now, "updated_at": now}
            | {"sent_at": None, "platform_message_id": None}
        )
    )
