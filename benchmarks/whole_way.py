"""One broadcast through gate, rendering, permits, claim, a channel that sends over HTTP, and record, on SQLite."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, process_time

from sqlalchemy import func, select

from benchmarks.answering import Platforms
from benchmarks.audience import FromNoon, enrolled, submitted, way_out
from bot.app import memory
from bot.channels.base import Channel
from bot.vocabulary import DeliveryState
from services.delivery.pump import Pump
from storage.engine import open_engines, upgrade
from storage.models import DeliveryRow
from storage.repositories.claims import Lane
from storage.unit import Database, Unit
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Sent:
    """Recipients a second, and milliseconds of this process's time on the processor for each."""

    per_second: int
    busy: float


async def sent(channel: Channel, recipients: int, to: Platforms) -> Sent:
    """In one process, each recipient with a chat of their own; all of them have to get theirs."""
    with opened() as database:
        delivery = way_out(channel, FromNoon(monotonic()))
        await enrolled(database, channel.kind, recipients)
        await submitted(database, delivery)
        pump = Pump(database, delivery, {(channel.kind, channel.account): channel}, "bench")
        memory.keep()
        taken, started, busy = to.taken(), perf_counter(), process_time()
        while await pump.work(Lane(channel.kind, channel.account, urgent=False)):
            pass
        took, busy = perf_counter() - started, process_time() - busy
        assert await database.read(_sent) == to.taken() - taken == recipients
    return Sent(round(recipients / took), round(busy / recipients * 1000, 2))


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
