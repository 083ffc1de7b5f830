"""Marking what a stopped broadcast will not send, in a row of short transactions; broken off, it is done again."""

from datetime import datetime
from functools import partial

from services.broadcasts.board import AT_ONCE
from storage.repositories import broadcasts as rows
from storage.repositories import deliveries
from storage.repositories.fanout import CHUNK
from storage.unit import Database, Unit

SPAN = AT_ONCE // CHUNK
"""Chunks of recipients in one transaction."""


async def give_up(database: Database, now: datetime) -> None:
    """Finish all broadcasts that were stopped with very many messages waiting."""
    for broadcast_id in await database.read(rows.half_stopped):
        _, last = await database.read(partial(deliveries.waiting_of, broadcast_id=broadcast_id))
        for first in range(0, last + 1, SPAN):
            part = (first, first + SPAN)
            cancel = partial(deliveries.cancel_broadcast, broadcast_id=broadcast_id, now=now, chunks=part)
            await database.write(cancel)
        await database.write(partial(_end, broadcast_id=broadcast_id, now=now))


def _end(unit: Unit, broadcast_id: int, now: datetime) -> None:
    deliveries.cancel_broadcast(unit, broadcast_id, now)
    rows.end(unit, broadcast_id, now)
