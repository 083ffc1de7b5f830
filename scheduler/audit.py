"""The audit trail is sealed within a second, and every day it is told where it ends."""

from datetime import datetime, time, timedelta

from bot.clock import Clock
from scheduler.timetable import Daily, Every, Job
from services.audit.chain import Chain
from services.audit.heads import Heads
from storage.unit import Database

EVERY = timedelta(seconds=0.5)
AT = time(0, 5)


def seals(database: Database) -> Job:
    """Seal what was written since the last run."""
    chain = Chain(database)

    async def run(_due_at: datetime) -> str:
        return f"sealed={await chain.seal()}"

    return Job("seals", Every(EVERY), run)


def heads(database: Database, published: Heads, clock: Clock) -> Job:
    """Publish where the chain ends; that of a missed day is told by the next one."""
    chain = Chain(database)

    async def run(_due_at: datetime) -> str:
        await chain.seal()
        head = await chain.head()
        if head.place:
            await published.publish(head, clock.now())
        return f"entries={head.place}"

    return Job("heads", Daily(AT), run)
