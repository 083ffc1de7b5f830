"""How much is waiting; read through partial indexes, so cheap on large tables."""

from sqlalchemy import func, select

from bot.vocabulary import DeliveryState
from storage.models import DeliveryRow, InboxRow
from storage.unit import Unit

_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.AWAITING_STAFF)
_WAITING = ("new", "failed")


def inbox_by_state(unit: Unit) -> dict[str, int]:
    """Rows of the inbox that are new, or that failed."""
    found = select(InboxRow.state, func.count()).where(InboxRow.state.in_(_WAITING)).group_by(InboxRow.state)
    return dict.fromkeys(_WAITING, 0) | {str(state): int(count) for state, count in unit.session.execute(found)}


def open_deliveries(unit: Unit) -> dict[str, int]:
    """Deliveries by each state that is not settled."""
    counted = {
        state.value: unit.session.scalar(
            select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state == state)
        )
        for state in _OPEN
    }
    return {state: count or 0 for state, count in counted.items()}
