"""Rows of the way out that time or a dead worker left behind."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy import text as sql

from bot.vocabulary import ChannelKind, DeliveryState
from storage.models import DeliveryRow
from storage.repositories.claims import PENDING
from storage.repositories.deliveries import PASSIVE
from storage.unit import Unit

# Written out, so that both databases see that the partial index fits.
_SENDING = sql("deliveries.state IN ('sending', 'uncertain', 'awaiting_staff') AND deliveries.state = 'sending'")


def expire(unit: Unit, now: datetime, limit: int = 1000) -> int:
    """Give up what was not sent in time, whatever held it back; returns how many."""
    late = select(DeliveryRow.id).where(PENDING, DeliveryRow.expires_at <= now).limit(limit)
    statement = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(late), PENDING)
        .values(state=DeliveryState.EXPIRED, claimed_by=None, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    return unit.connection.execute(statement).rowcount


@dataclass(frozen=True, slots=True)
class Orphan:
    """A row found `sending` that nobody is sending any more."""

    id: int
    channel: ChannelKind
    account: str
    passive: bool


def find(unit: Unit, before: datetime, holder: str, lost_before: datetime) -> list[Orphan]:
    """Rows still `sending` that somebody else claimed before an instant, or the holder before `lost_before`."""
    by_others = and_(DeliveryRow.claimed_by != holder, DeliveryRow.claimed_at < before)
    by_us = and_(DeliveryRow.claimed_by == holder, DeliveryRow.claimed_at < lost_before)
    statement = select(DeliveryRow.id, DeliveryRow.channel, DeliveryRow.account, DeliveryRow.claimed_by).where(
        _SENDING, or_(by_others, by_us)
    )
    rows = unit.session.execute(statement.with_for_update(skip_locked=True))
    return [Orphan(row.id, ChannelKind(row.channel), row.account, row.claimed_by == PASSIVE) for row in rows]


def settle(unit: Unit, ids: Collection[int], state: DeliveryState, now: datetime) -> None:
    """Doubtful, or to be sent again where the platform recognises our id."""
    values: dict[str, Any] = {"state": state, "rule": "interrupted", "updated_at": now}
    if state is DeliveryState.PENDING:
        values |= {"claimed_by": None, "doubted": True}
    statement = update(DeliveryRow).where(DeliveryRow.id.in_(ids), _SENDING).values(**values)
    unit.session.execute(statement.execution_options(synchronize_session=False))


def release(unit: Unit, before: datetime, holder: str) -> None:
    """Let go of rows that a dead worker of this machine only held."""
    held = (DeliveryRow.claimed_by != holder) & (DeliveryRow.claimed_at < before)
    statement = update(DeliveryRow).where(PENDING, held).values(claimed_by=None)
    unit.session.execute(statement.execution_options(synchronize_session=False))
