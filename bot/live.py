"""Tells open pages and other processes, after a commit, that something changed.

A topic is `conversation:7`, `ticket:3`, `deliver:`, `versions:`: a hint that says where to look, never what is there.
Hints may be lost (a slow reader, a connection that broke): then the subscriber gets MISSED and looks at everything.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

import psycopg

log = logging.getLogger(__name__)

STAFF_TYPING, CLIENT_TYPING = "staff_typing", "client_typing"
"""Somebody is typing in a conversation whose number follows the colon: a person for the client, or the client."""

MISSED = "*"
"""Some topics were lost: look at everything."""

CHANNEL = "quanfu_live"
LONGEST_QUEUE = 256
"""Topics a slow subscriber, or a broken connection, may fall behind before they become MISSED."""

_BATCH = 100
_RECONNECT_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(eq=False)
class Subscription:
    """The topics one reader has not seen yet. Iterate over it; it ends when the hub closes."""

    topics: frozenset[str]
    _pending: dict[str, None] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: bool = False

    def hear(self, topic: str) -> None:
        """Note a topic; the same one twice is one hint."""
        if len(self._pending) >= LONGEST_QUEUE:
            self._pending.clear()
            topic = MISSED
        self._pending[topic] = None
        self._news.set()

    def close(self) -> None:
        """End the iteration after what is pending."""
        self._closed = True
        self._news.set()

    async def next(self, seconds: float | None = None) -> str | None:
        """The next topic; None after so many seconds without one, or at the end."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return None
        return self._taken()

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            await self._news.wait()
            topic = self._taken()
            if topic is None:
                return
            yield topic

    def _taken(self) -> str | None:
        topic = next(iter(self._pending), None)
        if topic is not None:
            del self._pending[topic]
        if not self._pending and not self._closed:
            self._news.clear()
        return topic


class Live(Protocol):
    """Publish and subscribe; `subscribe` takes whole topics or the part before the colon."""

    def publish(self, topics: Iterable[str]) -> None:
        """Tell everybody; call it after the commit, on the event loop."""
        ...

    def subscribe(self, *topics: str) -> Subscription:
        """Begin to hear; give it back with `leave`."""
        ...

    def leave(self, subscription: Subscription) -> None:
        """Hear no more."""
        ...

    async def open(self) -> None:
        """Begin."""
        ...

    async def close(self) -> None:
        """End every subscription, so that open pages let go."""
        ...


@dataclass
class MemoryLive:
    """Live within one process."""

    _readers: dict[str, set[Subscription]] = field(default_factory=dict)
    _closed: bool = False

    def publish(self, topics: Iterable[str]) -> None:
        """Tell the readers of this process."""
        for topic in topics:
            for reader in self._listening(topic):
                reader.hear(topic)

    def subscribe(self, *topics: str) -> Subscription:
        """Begin to hear."""
        subscription = Subscription(frozenset(topics))
        for topic in subscription.topics:
            self._readers.setdefault(topic, set()).add(subscription)
        if self._closed:
            subscription.close()
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Hear no more."""
        for topic in subscription.topics:
            readers = self._readers.get(topic, set())
            readers.discard(subscription)
            if not readers:
                self._readers.pop(topic, None)

    async def open(self) -> None:
        """Nothing to begin."""

    async def close(self) -> None:
        """End every subscription, those to come too."""
        self._closed = True
        for reader in self._all():
            reader.close()

    def missed(self) -> None:
        """Tell every reader that hints were lost."""
        for reader in self._all():
            reader.hear(MISSED)

    def _listening(self, topic: str) -> set[Subscription]:
        if topic == MISSED:
            return self._all()
        return self._readers.get(topic, set()) | self._readers.get(topic.partition(":")[0], set())

    def _all(self) -> set[Subscription]:
        return set().union(*self._readers.values())


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
            await self._send(connection, batch)
            for topic in batch:
                self._outbox.pop(topic, None)
            if not self._outbox:
                self._something.clear()

    async def _send(self, connection: Connection, topics: Sequence[str]) -> None:
        payload = json.dumps([self.origin, topics], separators=(",", ":"))
        await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
