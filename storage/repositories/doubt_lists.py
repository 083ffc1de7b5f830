"""Messages of which nobody knows whether they went out, for staff to decide on; the oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy import text as sql

from bot.vocabulary import ChannelKind, DeliveryState, Purpose
from storage.models import ClientRow, ConversationRow, DeliveryRow
from storage.repositories.clients import NAME
from storage.repositories.listing import Whose, opened, own
from storage.segments import THERE
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list: whose; after a delivery's number."""

    whose: Whose = None
    after: int = 0
    limit: int = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One message; `name` is the client's in clear, None for a visitor. `at` is when it was tried."""

    id: int
    purpose: Purpose
    channel: ChannelKind | None
    account: str | None
    name: str | None
    text: str
    conversation_id: int | None
    broadcast_id: int | None
    at: datetime


_SELECT: Select[*tuple[Any, ...]] = (
    select(DeliveryRow, ClientRow.name_sealed)
    .outerjoin(ClientRow, ClientRow.id == DeliveryRow.client_id)
    .outerjoin(ConversationRow, ConversationRow.id == DeliveryRow.conversation_id)
    # Written out, so that both databases see that the partial index fits.
    .where(sql("deliveries.state IN ('sending', 'uncertain', 'awaiting_staff')"))
    .where(DeliveryRow.state == DeliveryState.UNCERTAIN, THERE)
)


def page(unit: Unit, wanted: Wanted) -> list[Item]:
    """One page, and one row more than `limit` where there are more."""
    statement = _SELECT.where(DeliveryRow.id > wanted.after, *_concerning(wanted.whose))
    rows = unit.session.execute(statement.order_by(DeliveryRow.id).limit(wanted.limit + 1))
    return [_item(unit, row) for row in rows]


def stands(unit: Unit, delivery_id: int, whose: Whose) -> bool:
    """Whether a message is in doubt and, with `whose`, concerns one of them."""
    found = _SELECT.where(DeliveryRow.id == delivery_id, *_concerning(whose))
    return unit.session.execute(found).one_or_none() is not None


def _concerning(whose: Whose) -> Sequence[ColumnElement[bool]]:
    """Their own clients, and dialogues that they have taken over."""
    return own(ConversationRow.staff_id, whose)


def _item(unit: Unit, row: Row[*tuple[Any, ...]]) -> Item:
    delivery: DeliveryRow = row[0]
    return Item(
        id=delivery.id,
        purpose=delivery.purpose,
        channel=ChannelKind(delivery.channel) if delivery.channel else None,
        account=delivery.account,
        name=opened(unit, NAME, row[1]),
        text=delivery.text or "",
        conversation_id=delivery.conversation_id,
        broadcast_id=delivery.broadcast_id,
        at=delivery.claimed_at or delivery.created_at,
    )
