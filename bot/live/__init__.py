"""Tells open pages and other processes, after a commit, that something changed.

A topic is `conversation:7`, `ticket:3`, `deliver:`, `versions:`: a hint that says where to look, never what is there.
Hints may be lost (a slow reader, a connection that broke): then the subscriber gets MISSED and looks at everything.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Protocol

STAFF_TYPING, CLIENT_TYPING = "staff_typing", "client_typing"
"""Somebody is typing in a conversation whose number follows the colon: a person for the client, or the client."""

MISSED = "*"
"""Some topics were lost: look at everything."""

LONGEST_QUEUE = 256
"""Topics a slow subscriber, or a broken connection, may fall behind before they become MISSED."""


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
