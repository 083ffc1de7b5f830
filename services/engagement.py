"""How much clients talk with us: each past day is counted once, whatever happens on it later."""

from datetime import date
from functools import partial

from storage.repositories import engagement as rows
from storage.repositories.engagement import Engagement
from storage.unit import Database, Unit

__all__ = ["Engagement", "count", "of"]


async def count(database: Database, today: date) -> int:
    """Note who wrote on each day before today that was not counted yet; returns how many days were."""
    done = 0
    while await database.write(partial(_next, today=today)):
        done += 1
    return done


def _next(unit: Unit, today: date) -> bool:
    on = rows.uncounted(unit, today)
    if on is not None:
        rows.count(unit, on)
    return on is not None


def of(unit: Unit, client_id: int, today: date) -> Engagement:
    """The engagement of one client, to the end of yesterday."""
    return rows.of(unit, client_id, today)
