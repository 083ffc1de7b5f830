"""Deliveries that wait for a member of staff on a platform, and are not to go out any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy import text as sql

from bot.vocabulary import ChannelKind, DeliveryState
from bot.vocabulary.broadcasts import BroadcastState
from storage.models import BroadcastRow, DeliveryRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Task:
    """One message at staff; `name` is the platform's, `killed` says that its broadcast was stopped."""

    delivery_id: int
    name: str
    killed: bool


def waiting_of(unit: Unit, broadcast_id: int) -> Sequence[tuple[str, str]]:
    """A broadcast's messages at staff: our account and the platform's name of each."""
    statement = (
        select(DeliveryRow.account, DeliveryRow.platform_message_id)
        .where(sql("deliveries.state IN ('sending', 'uncertain', 'awaiting_staff')"))
        .where(DeliveryRow.state == DeliveryState.AWAITING_STAFF, DeliveryRow.broadcast_id == broadcast_id)
        .where(DeliveryRow.channel == ChannelKind.WECOM, DeliveryRow.platform_message_id.is_not(None))
        .order_by(DeliveryRow.id)
    )
    return [(row[0] or "", row[1] or "") for row in unit.session.execute(statement)]


def overdue(unit: Unit, channel: ChannelKind, account: str, now: datetime, limit: int) -> Sequence[Task]:
    """Messages of one account whose broadcast was stopped, or whose time is over."""
    killed = BroadcastRow.state == BroadcastState.KILLED.value
    statement = (
        select(DeliveryRow.id, DeliveryRow.platform_message_id, killed)
        .outerjoin(BroadcastRow, BroadcastRow.id == DeliveryRow.broadcast_id)
        .where(sql("deliveries.state IN ('sending', 'uncertain', 'awaiting_staff')"))
        .where(DeliveryRow.state == DeliveryState.AWAITING_STAFF, DeliveryRow.platform_message_id.is_not(None))
        .where(DeliveryRow.channel == channel, DeliveryRow.account == account)
        .where(or_(killed, DeliveryRow.expires_at <= now))
        .order_by(DeliveryRow.id)
        .limit(limit)
    )
    return [Task(row[0], row[1] or "", bool(row[2])) for row in unit.session.execute(statement)]
