"""Deliveries that may or may not have gone out: staff look, and decide. Nothing is sent twice silently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import Conflict
from bot.vocabulary import Action, DeliveryState
from services import audit
from services.audit import Deed
from services.staff import scope
from storage.repositories import deliveries, doubt_lists
from storage.repositories.doubt_lists import Item, Wanted
from storage.repositories.staff import Staff
from storage.unit import Unit


class Decision(StrEnum):
    """What staff found out, or want."""

    RESEND = "resend"
    DELIVERED = "delivered"
    DROP = "drop"


_STATES: Mapping[Decision, DeliveryState] = {
    Decision.RESEND: DeliveryState.PENDING,
    Decision.DELIVERED: DeliveryState.DELIVERED,
    Decision.DROP: DeliveryState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """A member of staff's decision on one delivery."""

    delivery_id: int
    decision: Decision
    at: datetime


def listed(unit: Unit, staff: Staff, after: int = 0, limit: int = 200) -> Sequence[Item]:
    """What waits for a decision of this member of staff, oldest first, and one row more than `limit` if any."""
    return doubt_lists.page(unit, Wanted(scope(staff, Action.WORK_TICKETS), after, limit))


def settle(unit: Unit, staff: Staff, settlement: Settlement) -> None:
    """Decide; Conflict where it is not in doubt (any more), or for others to decide.

    Of a broadcast that was stopped nothing is sent again: it is cancelled, instead of waiting for ever.
    """
    whose = scope(staff, Action.WORK_TICKETS)
    number, decision, now = settlement.delivery_id, settlement.decision, settlement.at
    values: dict[str, object] = {"state": _STATES[decision]}
    if decision is Decision.RESEND:
        values |= {"claimed_by": None, "claimed_at": None, "not_before": now, "rule": None, "attempts": 0}
        values["doubted"] = True  # there and nowhere else
    ours = doubt_lists.stands(unit, number, whose)
    if not ours or not deliveries.decide(unit, number, staff.id, now, **values):
        raise Conflict("delivery_not_in_doubt")
    audit.record(unit, Deed(f"delivery.{decision}", f"delivery:{number}", now, staff.id))
    if decision is Decision.RESEND:
        deliveries.cancel_stopped(unit, [number], now)
        unit.announce("deliver", number)
