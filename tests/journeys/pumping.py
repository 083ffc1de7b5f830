"""A worker in a process of its own, to be killed: `python -m tests.journeys.pumping URL LEDGER ROUND`.

What its channel delivers stands in the ledger, one delivery id a line, from the moment on at which the other side has
it. Its clock begins at noon and is a good minute further in each round, so that claims of the round before are old.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from bot import queue
from bot.channels.base import Capabilities, HttpAnswer, Received, Route, WebhookRequest
from bot.messages import Outgoing, Receipt
from bot.vocabulary import ChannelKind, DeliveryState
from bot.vocabulary.health import Observation, Remark
from services.delivery.composing import Composer
from services.delivery.pump import Pump
from services.delivery.submit import Delivery
from services.delivery.worker import Worker
from services.rules import Rules
from services.wording import Wording
from storage.engine import open_engines
from storage.models import DeliveryRow
from storage.unit import Database, Unit
from storage.vault import Vault
from tests.packaged import texts
from tests.services.delivery.office import NOON, PLAIN, calm

KEY = (ChannelKind.RECORDING, "main")


@dataclass
class Running:
    """A clock that goes on from an instant."""

    start: datetime
    began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """The start and what has passed since."""
        return self.start + timedelta(seconds=time.monotonic() - self.began)


@dataclass
class Outside:
    """The other side: what it got stays got, whatever becomes of us."""

    ledger: int
    kind: ChannelKind = ChannelKind.RECORDING
    account: str = "main"
    capabilities: Capabilities = PLAIN

    def routes(self) -> tuple[Route, ...]:
        """Nobody calls it."""
        return ()

    async def receive(self, request: WebhookRequest) -> Received:
        """Nobody calls it."""
        return Received(HttpAnswer())

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Delivered in the middle of the call."""
        await asyncio.sleep(0.01)
        os.write(self.ledger, f"{outgoing.delivery_id}\n".encode())
        await asyncio.sleep(0.01)
        return Receipt()

    async def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """Nothing is wrong with it."""
        yield Observation(Remark.RECORDER_READY)


def open_rows(unit: Unit) -> int:
    """How many deliveries are still to go out."""
    unfinished = DeliveryRow.state.in_([DeliveryState.PENDING, DeliveryState.SENDING])
    return unit.session.scalar(select(func.count()).where(unfinished)) or 0


async def main(url: str, ledger: Path, turn: int) -> None:
    """Send what is due until nothing is left."""
    database = Database(open_engines(url), Vault((b"k" * 32,)))
    channel = Outside(os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT))
    clock = Running(NOON + timedelta(seconds=61 * turn))
    delivery = Delivery(Composer(texts(), Wording.from_seed()), {KEY: PLAIN}, (KEY[0],), Rules(), calm, clock)
    hints = queue.in_memory() if database.dialect == "sqlite" else await queue.on_postgres(url)
    pump = Pump(database, delivery, {KEY: channel}, f"process {os.getpid()}")
    worker = Worker(pump, hints, alone=database.dialect == "sqlite")
    running = asyncio.create_task(worker.run())
    while await database.read(open_rows):  # noqa: ASYNC110 - the rows are what tells
        await asyncio.sleep(0.1)
    await worker.stop()
    await running
    database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
