"""Keeps the figures of clients up to date: a chunk of those whose statements changed in a transaction."""

from datetime import datetime
from functools import partial

from storage.repositories import figures as rows
from storage.unit import Database, Unit

CHUNK = 500
"""Clients in one transaction."""

PATIENCE = 60.0


async def refresh(database: Database, now: datetime) -> int:
    """Reckon whatever is due; returns for how many clients. It may be broken off and done again at any time."""
    done = 0
    while number := await database.write(partial(_chunk, now=now), PATIENCE):
        done += number
    return done


def _chunk(unit: Unit, now: datetime) -> int:
    due = rows.take_due(unit, CHUNK)
    if due is None:
        return 0
    rows.reckon(unit, due, now)
    return len(due.clients)
