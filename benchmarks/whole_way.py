"""One broadcast through gate, rendering, claim, a channel that sends over HTTP, and record, on SQLite."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from sqlalchemy import func, select

from benchmarks.audience import NOON, enrolled, submitted, way_out
from bot.channels.base import Channel
from bot.clock import MovableClock
from bot.vocabulary import DeliveryState
from services.delivery.pump import Pump
from storage.engine import open_engines, upgrade
from storage.models import DeliveryRow
from storage.repositories.claims import Lane
from storage.unit import Database, Unit
from storage.vault import Vault


async def sent_per_second(channel: Channel, recipients: int) -> int:
    """Recipients a second in one process, each with a chat of their own; all of them have to get theirs."""
    with opened() as database:
        delivery = way_out(channel, MovableClock(NOON))
        await enrolled(database, channel.kind, recipients)
        await submitted(database, delivery)
        pump = Pump(database, delivery, {(channel.kind, channel.account): channel}, "bench")
        started = perf_counter()
        while await pump.work(Lane(channel.kind, channel.account, urgent=False)):
            pass
        took = perf_counter() - started
        assert await database.read(_sent) == recipients
    return round(recipients / took)


@contextmanager
def opened() -> Iterator[Database]:
    """A fresh database in a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        upgrade(url)
        database = Database(open_engines(url), Vault((b"k" * 32,)))
        yield database
        database.close()


def _sent(unit: Unit) -> int:
    return unit.session.scalar(select(func.count()).where(DeliveryRow.state == DeliveryState.SENT)) or 0
