"""Outbound: 20,000 recipients through fan-out, gate, render, claim, the recording channel, and record.

Run as `python -m benchmarks.outbound [sqlite|postgres] [recipients]`; each database in a process of its own, so that
the memory is its own too.
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.audience import NOON, enrolled, submitted, way_out
from bot.channels.recording import RecordingChannel
from bot.clock import MovableClock
from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery.pump import Pump
from storage.engine import open_engines, upgrade
from storage.models import DeliveryRow
from storage.repositories.claims import Lane
from storage.unit import Database
from storage.vault import Vault
from tests import postgres

KEY = (ChannelKind.RECORDING, "main")
LANE = Lane(*KEY, urgent=False)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; rates in recipients per second, memory in MB at its highest."""

    database: str
    recipients: int
    fan_out_rate: float
    pump_rate: float
    memory_before: float
    memory: float


async def measure(name: str, url: str, recipients: int) -> Figures:
    """One broadcast with each client's own salutation."""
    upgrade(url)
    database = Database(open_engines(url), Vault((b"k" * 32,)))
    channel = RecordingChannel()
    delivery = way_out(channel, MovableClock(NOON))
    pump = Pump(database, delivery, {KEY: channel}, "bench")
    await enrolled(database, KEY[0], recipients)
    before = memory()
    start = time.perf_counter()
    await submitted(database, delivery)
    fanned = time.perf_counter()
    while await pump.work(LANE):
        pass
    done = time.perf_counter()
    sent = await database.read(
        lambda unit: unit.session.scalar(select(func.count()).where(DeliveryRow.state == DeliveryState.SENT))
    )
    database.close()
    assert sent == len(channel.ledger) == recipients, (sent, len(channel.ledger))
    return Figures(name, recipients, recipients / (fanned - start), recipients / (done - fanned), before, memory())


def memory() -> float:
    """The most this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def sqlite() -> Iterator[str]:
    """A fresh SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'bench.db'}"


DATABASES = {"sqlite": sqlite, "postgres": postgres.serve}


def main(name: str, recipients: int) -> None:
    """Measure one database and print the figures as one line of JSON."""
    with DATABASES[name]() as url:
        print(json.dumps(asdict(asyncio.run(measure(name, url, recipients)))))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite", int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
