"""A library of media whose store is a dictionary that can be made to fail."""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import Clock
from bot.errors import StoreUnavailable
from bot.vocabulary import MEDIA_TYPES
from services.media.judging import Terms
from services.media.library import Library
from storage.unit import Database

LARGEST = 200_000
TERMS = Terms(LARGEST, frozenset(MEDIA_TYPES), timedelta(days=7300))


@dataclass
class MemoryStore:
    """Sealed bytes by key; while `down`, out of reach."""

    items: dict[str, bytes] = field(default_factory=dict)
    down: bool = False

    async def put(self, key: str, sealed: bytes) -> None:
        self._check()
        self.items[key] = sealed

    async def get(self, key: str) -> bytes | None:
        self._check()
        return self.items.get(key)

    async def remove(self, key: str) -> None:
        self._check()
        self.items.pop(key, None)

    def _check(self) -> None:
        if self.down:
            raise StoreUnavailable("down")


def shelf(database: Database, clock: Clock, terms: Terms = TERMS) -> Library:
    """On a store of its own."""
    return Library(database, MemoryStore(), clock, terms)
