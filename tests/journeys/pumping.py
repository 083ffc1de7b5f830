"""A worker in a process of its own, to be killed. An hour passes for it in a minute, and it sweeps as often."""

import asyncio
import logging
import os
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, or_, select

from bot import queue
from bot.errors import DatabaseBusy
from bot.queue.postgres import on_postgres
from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery import worker as sweeping
from services.delivery.composing import Composer
from services.delivery.pump import Pump
from services.delivery.submit import Delivery
from services.delivery.worker import Worker
from services.rules import Rules
from services.wording import Wording
from storage.engine import open_engines
from storage.models import DeliveryRow
from storage.repositories.deliveries import WINDOW
from storage.unit import Database, Unit
from storage.vault import Vault
from tests.journeys.misfortunes import Ledger, Outside
from tests.packaged import texts
from tests.services.delivery.office import NOON, PLAIN, calm

KEY = (ChannelKind.RECORDING, "main")
SPEED = 60.0

COMPOSER = Composer(texts(), Wording.from_seed())
"""Read once, before the workers are forked from here."""


@dataclass(frozen=True)
class Job:
    """What all workers of a proof are told; `began` is noon, by the machine's monotonic clock."""

    url: str
    ledger: Path
    recipients: int
    began: float


@dataclass(frozen=True)
class Hasty:
    """A clock that all processes share."""

    began: float

    def now(self) -> datetime:
        """Noon and what has passed since, many times over."""
        return NOON + timedelta(seconds=(time.monotonic() - self.began) * SPEED)


def open_rows(unit: Unit) -> int:
    """How many deliveries are still to go out; those whose window is shut wait for the client."""
    waiting = DeliveryRow.state == DeliveryState.PENDING
    free = waiting & or_(DeliveryRow.rule.is_(None), DeliveryRow.rule != WINDOW)
    return unit.session.scalar(select(func.count()).where(free | (DeliveryRow.state == DeliveryState.SENDING))) or 0


async def some_left(database: Database) -> bool:
    """Whether there is more to do, as far as a busy database lets us know."""
    try:
        return await database.read(open_rows) > 0
    except DatabaseBusy:
        return True


async def main(job: Job) -> None:
    """Send what is due until nothing is left."""
    sweeping.SWEEP /= SPEED
    database = Database(open_engines(job.url), Vault((b"k" * 32,)))
    clock = Hasty(job.began)
    channel = Outside(Ledger(job.ledger).opened(), job.recipients, clock)
    delivery = Delivery(COMPOSER, {KEY: PLAIN}, (KEY[0],), Rules(), calm, clock)
    hints = queue.in_memory() if database.dialect == "sqlite" else await on_postgres(job.url)
    pump = Pump(database, delivery, {KEY: channel}, f"process {os.getpid()}")
    worker = Worker(pump, hints, alone=database.dialect == "sqlite")
    running = asyncio.create_task(worker.run())
    while await some_left(database):  # noqa: ASYNC110 - the rows are what tells
        await asyncio.sleep(0.1)
    await worker.stop()
    await running
    database.close()


def work(job: Job) -> None:
    """One worker, to its end; that misfortunes are logged is another test's affair."""
    logging.disable()
    asyncio.run(main(job))
