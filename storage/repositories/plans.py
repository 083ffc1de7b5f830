"""Reading and writing clients' own content plans."""

from datetime import datetime

from sqlalchemy import delete

from storage.models import ClientPlanRow
from storage.unit import Unit
from storage.upserts import insertion


def put(unit: Unit, client_id: int, plan: str, weekly: int | None, now: datetime) -> None:
    """Give a client a plan of their own; `weekly` None: as the plan says."""
    values = {"plan": plan, "weekly": weekly, "at": now}
    given = insertion(unit, ClientPlanRow).values(client_id=client_id, **values)
    unit.session.execute(given.on_conflict_do_update(index_elements=["client_id"], set_=values))


def drop(unit: Unit, client_id: int) -> None:
    """Let the standard plan hold for a client."""
    unit.session.execute(delete(ClientPlanRow).where(ClientPlanRow.client_id == client_id))
