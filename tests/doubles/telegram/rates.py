"""Flood control as the Bot API is known to apply it: per bot, per private chat, per group."""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from tests.doubles.telegram.state import Refusal

GROUP_LIMIT = 20
GROUP_SPAN = timedelta(minutes=1)


@dataclass
class Bucket:
    """Tokens that come back at a steady rate (per second), up to a burst."""

    burst: float
    rate: float
    filled_at: datetime
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def wait(self, now: datetime) -> float:
        """Seconds until one token is there; 0 when it is there now."""
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at).total_seconds() * self.rate)
        self.filled_at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate


@dataclass
class Rates:
    """Switch `enabled` off, or look at `paid`: how many messages went above `per_bot` a second by paid broadcast."""

    clock: Clock
    enabled: bool = True
    per_bot: float = 30
    per_chat: float = 1
    chat_burst: float = 3
    per_paying_bot: float = 1000
    paid: int = 0
    _paying: Bucket | None = None
    _bot: Bucket | None = None
    _chats: dict[int, Bucket] = field(default_factory=dict)
    _groups: dict[int, list[datetime]] = field(default_factory=dict)

    def spend(self, chat_id: int, *, paying: bool = False) -> None:
        """Use one permit, or Refusal 429 with `retry_after`; a refused call uses none. Who pays has more of them."""
        if not self.enabled:
            return
        now = self.clock.now()
        buckets = self._buckets(chat_id, now)
        if paying and buckets[0].wait(now) > 0:
            buckets[0] = self._paying = self._paying or Bucket(self.per_paying_bot, self.per_paying_bot, now)
        wait = max(self._group_wait(chat_id, now), *(bucket.wait(now) for bucket in buckets))
        if wait > 0:
            seconds = math.ceil(wait)
            raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        self.paid += buckets[0] is self._paying
        for bucket in buckets:
            bucket.tokens -= 1
        if chat_id < 0:
            self._groups[chat_id].append(now)

    def _buckets(self, chat_id: int, now: datetime) -> list[Bucket]:
        if self._bot is None:
            self._bot = Bucket(self.per_bot, self.per_bot, now)
        chat = self._chats.setdefault(chat_id, Bucket(self.chat_burst, self.per_chat, now))
        return [self._bot, chat]

    def _group_wait(self, chat_id: int, now: datetime) -> float:
        if chat_id > 0:
            return 0.0
        recent = [at for at in self._groups.get(chat_id, []) if now - at < GROUP_SPAN]
        self._groups[chat_id] = recent
        return 0.0 if len(recent) < GROUP_LIMIT else (recent[0] + GROUP_SPAN - now).total_seconds()
