"""What the branch's own record says of a client."""

from datetime import datetime

from bot.clock import branch_date
from bot.vocabulary import StaffState
from storage.repositories import staff as staff_rows
from storage.repositories.clients import Client
from storage.repositories.staff import Staff
from storage.unit import Unit

__all__ = ["Client", "Staff", "adviser", "assessed"]


def adviser(unit: Unit, client: Client) -> Staff | None:
    """Who looks after the client; nobody where that person has left."""
    found = staff_rows.by_id(unit, client.manager_id) if client.manager_id is not None else None
    return found if found and found.state is StaffState.ACTIVE else None


def assessed(client: Client, now: datetime) -> bool:
    """Whether the client's risk assessment holds today; on its last day it does."""
    return client.risk_valid_until is not None and branch_date(now) <= client.risk_valid_until
