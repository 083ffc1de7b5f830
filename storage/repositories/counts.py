"""How much is waiting; read through partial indexes, so cheap on large tables."""

from sqlalchemy import func, select

from bot.vocabulary import DeliveryState, MediaState
from storage.models import DeliveryRow, InboxRow, MediaRow
from storage.repositories.media import WANTED
from storage.unit import Unit

_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.AWAITING_STAFF)
_WAITING = ("new", "failed")


def inbox_by_state(unit: Unit) -> dict[str, int]:
    """Rows of the inbox that are new, or that failed."""
    found = select(InboxRow.state, func.count()).where(InboxRow.state.in_(_WAITING)).group_by(InboxRow.state)
    return dict.fromkeys(_WAITING, 0) | {str(state): int(count) for state, count in unit.session.execute(found)}


def wanted_media(unit: Unit) -> dict[str, int]:
    """Files that are still to be fetched."""
    wanted = select(func.count()).select_from(MediaRow).where(WANTED)
    return {MediaState.WANTED.value: unit.session.scalar(wanted) or 0}


def open_deliveries(unit: Unit) -> dict[str, int]:
    """Deliveries by each state that is not settled."""
    counted = {
        state.value: unit.session.scalar(
            select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state == state)
        )
        for state in _OPEN
    }
    return {state: count or 0 for state, count in counted.items()}
