"""Deliveries that may or may not have gone out: staff look, and decide. Nothing is sent twice silently."""

from collections.abc import Sequence
from datetime import datetime

from bot.errors import Conflict
from bot.vocabulary import DeliveryState
from storage.repositories import deliveries
from storage.repositories.deliveries import Stored
from storage.unit import Unit


def listed(unit: Unit, limit: int = 200) -> Sequence[Stored]:
    """What waits for a decision, oldest first."""
    return deliveries.uncertain(unit, limit)


def resend(unit: Unit, delivery_id: int, staff_id: int, now: datetime) -> None:
    """Send it once more, there and nowhere else; Conflict where it is not in doubt (any more)."""
    values = {"claimed_by": None, "claimed_at": None, "not_before": now, "rule": None, "attempts": 0, "doubted": True}
    _settle(unit, delivery_id, staff_id, now, DeliveryState.PENDING, **values)
    unit.announce("deliver", delivery_id)


def mark_delivered(unit: Unit, delivery_id: int, staff_id: int, now: datetime) -> None:
    """The client has it, as staff found out; Conflict where it is not in doubt (any more)."""
    _settle(unit, delivery_id, staff_id, now, DeliveryState.DELIVERED)


def give_up(unit: Unit, delivery_id: int, staff_id: int, now: datetime) -> None:
    """Do not send it again; Conflict where it is not in doubt (any more)."""
    _settle(unit, delivery_id, staff_id, now, DeliveryState.CANCELLED)


def _settle(unit: Unit, delivery_id: int, staff_id: int, now: datetime, state: DeliveryState, **values: object) -> None:
    if not deliveries.decide(unit, delivery_id, staff_id, now, state=state, **values):
        raise Conflict("delivery_not_in_doubt")
