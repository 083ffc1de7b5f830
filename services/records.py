"""What the branch's own record says of a client."""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.clock import branch_date
from bot.vocabulary import StaffState
from storage.repositories import staff as staff_rows
from storage.repositories.clients import Client
from storage.repositories.staff import Staff
from storage.unit import Unit

__all__ = ["Client", "Staff", "Standing", "adviser", "assessed"]

NEAR = timedelta(days=30)
"""So long before its end an assessment may be taken again without being asked for."""


class Standing(StrEnum):
    """How an assessment stands."""

    NONE = "none"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    VALID = "valid"


def adviser(unit: Unit, client: Client) -> Staff | None:
    """Who looks after the client; nobody where that person has left."""
    found = staff_rows.by_id(unit, client.manager_id) if client.manager_id is not None else None
    return found if found and found.state is StaffState.ACTIVE else None


def assessed(client: Client, now: datetime) -> Standing:
    """How the client's risk assessment stands today; on its last day it holds."""
    until, today = client.risk_valid_until, branch_date(now)
    if client.risk_level is None or until is None:
        return Standing.NONE
    if until < today:
        return Standing.EXPIRED
    return Standing.EXPIRING if until - today <= NEAR else Standing.VALID
