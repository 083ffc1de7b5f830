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
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text

from bot.channels.recording import RecordingChannel
from bot.clock import MovableClock
from bot.texts import Texts
from bot.vocabulary import ChannelKind, ConsentPurpose, DayFacts, DeliveryState, Purpose, RiskLevel
from services.delivery.composing import Composer
from services.delivery.pump import Pump
from services.delivery.submission import Fanout
from services.delivery.submit import Delivery
from services.rules import Rules
from services.wording import Wording
from storage.engine import open_engines, upgrade
from storage.models import ChatAccountRow, ClientRow, DeliveryRow
from storage.repositories.claims import Lane
from storage.repositories.clients import NewClient, enrol
from storage.unit import Database
from storage.unit import Unit as Transaction
from storage.vault import Vault
from tests import postgres

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
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


def enrol_all(unit: Transaction, first: int, count: int) -> None:
    """Clients who agree to everything, each with a chat."""
    clients = [
        NewClient(
            number=f"B{first + n:07d}",
            name=f"Client {first + n}",
            salutation=f"Dear {first + n}",
            phone=f"{13000000000 + first + n}",
            identity=f"{first + n:018d}",
            risk_level=RiskLevel.C3,
            risk_valid_until=date(2027, 6, 1),
            consents=tuple(ConsentPurpose),
        )
        for n in range(count)
    ]
    ids = enrol(unit, clients, NOON).values()
    chats = [
        {"channel": KEY[0], "account": "main", "address": f"a{n}", "client_id": n, "created_at": NOON} for n in ids
    ]
    unit.session.execute(insert(ChatAccountRow), chats)


async def measure(name: str, url: str, recipients: int) -> Figures:
    """One broadcast with each client's own salutation."""
    upgrade(url)
    database = Database(open_engines(url), Vault((b"k" * 32,)))
    channel, clock = RecordingChannel(), MovableClock(NOON)
    composer = Composer(Texts.load(), Wording.from_seed())
    delivery = Delivery(composer, {KEY: channel.capabilities}, (KEY[0],), Rules(), lambda _day: DayFacts(), clock)
    pump = Pump(database, delivery, {KEY: channel}, "bench")
    for first in range(0, recipients, 1000):
        await database.write(lambda unit, first=first: enrol_all(unit, first, min(1000, recipients - first)))  # type: ignore[misc]
    if database.dialect == "postgresql":
        await database.write(lambda unit: unit.session.execute(text("ANALYZE")))  # as autovacuum does within minutes
    wanted = Fanout(
        "bench",
        Purpose.CARE,
        "care_birthday_solar/standard_1",
        parameters={"branch": "Branch", "manager": "Li"},
        personal=frozenset({"salutation"}),
        expires_at=NOON + timedelta(hours=8),
    )
    before = memory()
    start = time.perf_counter()
    await database.write(lambda unit: delivery.submit_many(unit, wanted, select(ClientRow.id)))
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
