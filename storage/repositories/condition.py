"""How the database stands: how large it is, whether its keys fit, and what waits in it and since when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from bot.errors import KeyMissing
from bot.vocabulary import DeliveryState
from storage.models import ClientRow, DeliveryRow, InboxRow
from storage.repositories.clients import NAME
from storage.repositories.listing import opened
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many wait, and since when the oldest; None where nothing is late."""

    number: int
    oldest_at: datetime | None


def size(unit: Unit) -> int:
    """Bytes of the database, without its write-ahead log."""
    if unit.connection.dialect.name == "postgresql":
        return int(unit.connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages, page = (unit.connection.scalar(text(f"PRAGMA {name}")) for name in ("page_count", "page_size"))
    return int(pages or 0) * int(page or 0)


def keys_fit(unit: Unit) -> bool:
    """Whether the keys at hand open the first and the last name that was sealed; True where there is none."""
    ends = select(func.min(ClientRow.id), func.max(ClientRow.id))
    first, last = unit.session.execute(ends).one()
    sealed = unit.session.scalars(select(ClientRow.name_sealed).where(ClientRow.id.in_((first, last))))
    try:
        for value in sealed:
            opened(unit, NAME, value)
    except KeyMissing:
        return False
    return True


def due(unit: Unit, now: datetime) -> Backlog:
    """Messages that might go out now; a broadcast takes its time or is paused, so it makes nothing late."""
    ready = (DeliveryRow.state == DeliveryState.PENDING, DeliveryRow.not_before <= now)
    late = func.min(DeliveryRow.not_before).filter(DeliveryRow.broadcast_id.is_(None))
    number, oldest = unit.session.execute(select(func.count(), late).where(*ready)).one()
    return Backlog(number, oldest)


def unhandled(unit: Unit) -> Backlog:
    """What arrived and has not been handled."""
    waiting = select(func.count(), func.min(InboxRow.received_at)).where(InboxRow.state == "new")
    return Backlog(*unit.session.execute(waiting).one())


def failed_since(unit: Unit, since: datetime) -> int:
    """How many arrivals could not be handled."""
    failed = select(func.count()).where(InboxRow.state == "failed", InboxRow.received_at >= since)
    return unit.session.scalars(failed).one()
