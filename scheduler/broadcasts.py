"""Broadcasts whose time has come, is over, or of which too many fail."""

from datetime import datetime, timedelta
from functools import partial

from scheduler.timetable import Every, Job
from services.broadcasts import Broadcasts, freeze, give_up
from storage.repositories import broadcasts as rows
from storage.unit import Database


def job(database: Database, broadcasts: Broadcasts) -> Job:
    """Begin them one by one, look after the running ones, mark what stopped ones will not send, and write down whom
    the new ones go to.
    """

    async def run(_due_at: datetime) -> str:
        begun = 0
        while await database.write(broadcasts.start_due):
            begun += 1
        if due := await database.read(broadcasts.due):
            await database.write(partial(broadcasts.watch, ids=due))
        await give_up(database, broadcasts.clock.now())
        for broadcast_id in await database.read(rows.unfrozen):
            await freeze(database, broadcasts, broadcast_id)
        return f"begun={begun}"

    return Job("broadcasts", Every(timedelta(seconds=10)), run)
