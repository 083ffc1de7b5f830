"""Hints between processes on one PostgreSQL, by NOTIFY; a process on SQLite never loads its driver."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg

from bot.live import LONGEST_QUEUE, MISSED, MemoryLive, Subscription

log = logging.getLogger(__name__)

CHANNEL = "quanfu_live"

_BATCH = 100
_RECONNECT_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)

Connection = psycopg.AsyncConnection[tuple[object, ...]]
Work = Callable[[Connection], Awaitable[None]]


@dataclass
class PostgresLive:
    """Live between processes on one PostgreSQL (`address` as libpq has it); this process hears itself at once."""

    address: str
    origin: str = field(default_factory=lambda: uuid4().hex)
    _here: MemoryLive = field(default_factory=MemoryLive)
    _outbox: dict[str, None] = field(default_factory=dict)
    _something: asyncio.Event = field(default_factory=asyncio.Event)
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: "list[asyncio.Task[None]]" = field(default_factory=list)

    def publish(self, topics: Iterable[str]) -> None:
        """Tell this process at once, and the others by NOTIFY."""
        given = list(topics)
        self._here.publish(given)
        self._outbox.update(dict.fromkeys(given))
        if len(self._outbox) > LONGEST_QUEUE:
            self._outbox = {MISSED: None}
        self._something.set()

    def subscribe(self, *topics: str) -> Subscription:
        """Begin to hear."""
        return self._here.subscribe(*topics)

    def leave(self, subscription: Subscription) -> None:
        """Hear no more."""
        self._here.leave(subscription)

    async def open(self) -> None:
        """Connect; a database out of reach is tried again for ever."""
        self._tasks = [asyncio.create_task(self._for_ever(work)) for work in (self._listen, self._notify)]

    async def ready(self) -> None:
        """Wait until the others are heard."""
        await self._ready.wait()

    async def close(self) -> None:
        """Let go of the connections and end every subscription."""
        await self._here.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _for_ever(self, work: Work) -> None:
        tries = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self.address, autocommit=True) as connection:
                    tries = 0
                    await work(connection)
            except psycopg.Error as error:
                log.warning("live connection lost, trying again: %s", type(error).__name__)
            self._ready.clear()
            await asyncio.sleep(_RECONNECT_SECONDS[min(tries, len(_RECONNECT_SECONDS) - 1)])
            tries += 1

    async def _listen(self, connection: Connection) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        self._here.missed()
        self._ready.set()
        async for notice in connection.notifies():
            origin, topics = json.loads(notice.payload)
            if origin != self.origin:
                self._here.publish(topics)

    async def _notify(self, connection: Connection) -> None:
        while True:
            await self._something.wait()
            batch = list(self._outbox)[:_BATCH]
            for topic in batch:
                del self._outbox[topic]  # before it is sent: what changes meanwhile has to be told once more
            try:
                await self._send(connection, batch)
            except psycopg.Error:
                self._outbox = dict.fromkeys(batch) | self._outbox
                raise
            if not self._outbox:
                self._something.clear()

    async def _send(self, connection: Connection, topics: Sequence[str]) -> None:
        payload = json.dumps([self.origin, topics], separators=(",", ":"))
        await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
