"""What clients asked without getting a certain answer: grouped for the curators, and settled by them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import Conflict
from bot.vocabulary import Action, Settlement
from services import audit
from services.audit import Deed
from services.knowledge.clusters import grouped
from services.staff import demand
from storage.repositories import misses as rows
from storage.repositories.misses import Missed
from storage.repositories.staff import Staff
from storage.unit import Unit

KEPT_OPEN = timedelta(days=30)
"""How long a miss stays in the queue."""

MOST = 1000
"""Misses that are grouped, the newest ones; so many take a third of a second."""

Features = Callable[[str], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions alike; `misses` newest first, of which the `leader` is worded most often."""

    leader: Missed
    misses: tuple[Missed, ...]

    @property
    def wordings(self) -> dict[str, int]:
        """How often each wording came, the most frequent first."""
        return dict(Counter(missed.question for missed in self.misses).most_common())

    @property
    def clients(self) -> int:
        """How many chats it came from."""
        return len({missed.conversation_id for missed in self.misses})

    @property
    def latest(self) -> datetime:
        """When it was asked last."""
        return self.misses[0].at

    @property
    def channels(self) -> tuple[str, ...]:
        """Where it was asked."""
        return tuple(sorted({missed.channel for missed in self.misses}))

    @property
    def outcomes(self) -> dict[str, int]:
        """How often each thing became of it."""
        return dict(Counter(missed.outcome for missed in self.misses).most_common())

    @property
    def nearest(self) -> Missed | None:
        """The miss whose nearest entry came closest."""
        close = [missed for missed in self.misses if missed.nearest]
        return max(close, key=lambda missed: (missed.score or 0.0, missed.id), default=None)


@dataclass(frozen=True, slots=True)
class Settled:
    """A curator's decision on misses."""

    ids: Sequence[int]
    settlement: Settlement
    at: datetime
    entry_id: str | None = None


def waiting(unit: Unit, staff: Staff, now: datetime) -> tuple[list[Missed], int]:
    """The newest open misses of the last days, and how many there are of them."""
    demand(staff, Action.READ_MISSES)
    since = now - KEPT_OPEN
    return rows.open_since(unit, since, MOST), rows.count_open(unit, since)


def clustered(found: Sequence[Missed], features: Features) -> list[Cluster]:
    """Grouped by likeness, the most frequent first, of those the latest (some 0.3 ms each: off the event loop)."""
    texts = list(dict.fromkeys(missed.question for missed in found))
    by_text: dict[str, list[Missed]] = {text: [] for text in texts}
    for missed in found:
        by_text[missed.question].append(missed)
    # Frequent wordings come first, so that they lead; the order of equals is that of the misses.
    texts.sort(key=lambda text: -len(by_text[text]))
    clusters = [_cluster([by_text[texts[place]] for place in group]) for group in grouped(texts, features)]
    return sorted(clusters, key=lambda one: (-len(one.misses), -one.latest.timestamp(), -one.leader.id))


def _cluster(worded: Sequence[Sequence[Missed]]) -> Cluster:
    every = sorted((missed for alike in worded for missed in alike), key=lambda one: (one.at, one.id), reverse=True)
    return Cluster(worded[0][0], tuple(every))


def settle(unit: Unit, staff: Staff, settled: Settled) -> list[Missed]:
    """Take misses off the queue; Conflict where somebody has taken all of them. Gives those that this settled."""
    demand(staff, Action.WRITE_KNOWLEDGE)
    found = rows.settle(unit, settled.ids, settled.settlement, staff.id, settled.at)
    if not found:
        raise Conflict("miss_settled")
    detail = {"number": len(found), "entry": settled.entry_id}
    audit.record(unit, Deed(f"miss.{settled.settlement}", f"miss:{found[0].id}", settled.at, staff.id, detail))
    return found


def reopen(unit: Unit, staff: Staff, miss_id: int, now: datetime) -> None:
    """Take back one's own dismissal of a miss and of those dismissed with it."""
    demand(staff, Action.WRITE_KNOWLEDGE)
    found = rows.reopen(unit, miss_id, staff.id)
    if not found:
        raise Conflict("miss_settled")
    audit.record(unit, Deed("miss.reopened", f"miss:{found[0].id}", now, staff.id, {"number": len(found)}))
