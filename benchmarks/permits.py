"""Permits: four worker processes share one account at 30 messages a second, beside a double that refuses more.

Run as `python -m benchmarks.permits [seconds]`; prints one line of JSON.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.audience import FromNoon, enrolled, submitted, way_out
from benchmarks.doubles import served_doubles
from bot.channels.base import Capabilities, Channel, MemoryState, Received, Route, WebhookRequest
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.errors import Throttled
from bot.messages import Outgoing, Receipt
from bot.queue.postgres import on_postgres
from bot.vocabulary import ChannelKind
from bot.vocabulary.health import Observation
from services.delivery.pump import Pump
from services.delivery.worker import Worker
from storage.engine import open_engines, upgrade
from storage.unit import Database
from storage.vault import Vault
from tests import postgres
from tests.doubles.telegram import TOKEN

WORKERS = 4
RATE = 30
SECONDS = 60
SPARE = 5
"""Seconds for which there is more to send, so that the end of the broadcast is not measured."""


@dataclass
class Counted:
    """A channel that notes when a message was taken and how often one was refused as too fast."""

    inner: TelegramChannel
    taken: list[float] = field(default_factory=list)
    refused: int = 0
    kind: ChannelKind = ChannelKind.TELEGRAM
    account: str = "main"

    @property
    def capabilities(self) -> Capabilities:
        """Those of the channel."""
        return self.inner.capabilities

    def routes(self) -> tuple[Route, ...]:
        """Nobody calls it here."""
        return ()

    async def receive(self, request: WebhookRequest) -> Received:
        """Nobody calls it here."""
        return await self.inner.receive(request)

    def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """Those of the channel."""
        return self.inner.check(public_url)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send and count."""
        try:
            receipt = await self.inner.send(outgoing)
        except Throttled:
            self.refused += 1
            raise
        self.taken.append(time.monotonic())
        return receipt


def opened(url: str) -> Database:
    """The database of the measurement."""
    return Database(open_engines(url), Vault((b"k" * 32,)))


async def work(url: str, root: str, began: float, seconds: float) -> None:
    """One worker as a process of its own has it; begins when all are ready, prints when its messages were taken."""
    channel = Counted(TelegramChannel(TelegramAccount(TOKEN, api_root=root), MemoryState()))
    known: dict[tuple[ChannelKind, str], Channel] = {(channel.kind, channel.account): channel}
    database, clock = opened(url), FromNoon(began)
    pump = Pump(database, way_out(channel, clock), known, f"worker {os.getpid()}")
    worker = Worker(pump, await on_postgres(url), alone=False)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(seconds)
    await worker.stop()
    await running
    await channel.inner.close()
    database.close()
    print(json.dumps({"taken": channel.taken, "refused": channel.refused}))


async def crew(*told: str) -> list[dict[str, Any]]:
    """All workers, begun in the same instant; what each of them found."""
    command, pipe = [sys.executable, "-m", "benchmarks.permits", "worker", *told], asyncio.subprocess.PIPE
    workers = [await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe) for _ in range(WORKERS)]
    for worker in workers:
        assert worker.stdout is not None
        assert (await worker.stdout.readline()).strip() == b"ready"
    ended = await asyncio.gather(*(worker.communicate(b"\n") for worker in workers))
    return [json.loads(output.splitlines()[-1]) for output, _ in ended]


async def measure(url: str, seconds: int) -> dict[str, float]:
    """All workers from the first message on, for so many seconds."""
    upgrade(url)
    database, began = opened(url), time.monotonic()
    channel = TelegramChannel(TelegramAccount(TOKEN), MemoryState())
    await enrolled(database, ChannelKind.TELEGRAM, RATE * (seconds + 2 * SPARE))
    await submitted(database, way_out(channel, FromNoon(began)))
    database.close()
    async with served_doubles() as settings:
        heard = await crew(url, settings["QUANFU_TELEGRAM__API_ROOT"], str(began), str(seconds + SPARE))
    taken = sorted(at for one in heard for at in one["taken"])
    sent = sum(at < taken[0] + seconds for at in taken)
    return {
        "workers": WORKERS,
        "seconds": seconds,
        "sent": sent,
        "share": sent / (RATE * seconds),
        "refused": sum(one["refused"] for one in heard),
        "idle_workers": sum(not one["taken"] for one in heard),
    }


def main(arguments: list[str]) -> None:
    """Measure, or be one of the workers."""
    if arguments[:1] == ["worker"]:
        url, root, began, seconds = arguments[1:]
        asyncio.run(work(url, root, float(began), float(seconds)))
        return
    with postgres.serve() as url:
        print(json.dumps(asyncio.run(measure(url, int(arguments[0]) if arguments else SECONDS))))


if __name__ == "__main__":
    main(sys.argv[1:])
