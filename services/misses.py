"""What clients asked without getting a certain answer: grouped for the curators, and settled by them."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import Conflict, Refused
from bot.vocabulary import Action, Settlement
from services import audit
from services.audit import Deed
from services.knowledge import regression
from services.knowledge.clusters import grouped
from services.knowledge.contents import LONGEST_QUESTION
from services.knowledge.evaluate import NONE, Question
from services.masking import numbers as masked
from services.staff import demand
from storage.repositories import misses as rows
from storage.repositories import publications
from storage.repositories.misses import Missed, Past, Verdict
from storage.repositories.staff import Staff
from storage.unit import Unit

KEPT_OPEN = timedelta(days=30)
"""How long a miss stays in the queue."""

REMEMBERED = timedelta(days=180)
"""How long decisions are listed."""

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
    reason: str | None = None


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
    reason = (settled.reason or "").strip() or None
    verdict = Verdict(settled.settlement, staff.id, settled.at, settled.entry_id, reason)
    found = rows.settle(unit, settled.ids, verdict)
    if not found:
        raise Conflict("miss_settled")
    thing, detail = f"miss:{found[0].id}", {"number": len(found), "entry": settled.entry_id}
    audit.record(unit, Deed(f"miss.{settled.settlement}", thing, settled.at, staff.id, detail, reason))
    return found


def refuse(unit: Unit, staff: Staff, settled: Settled, picked: Collection[int]) -> None:
    """Settle misses as what must not be answered, for a reason; every publication is asked the picked words now."""
    if not (settled.reason or "").strip():
        raise Refused("reason_missing")
    asked = wordings(settle(unit, staff, settled), picked)
    regression.add(unit, staff, [Question(text, frozenset({NONE})) for text in asked], settled.at, settled.reason)


def wordings(found: Sequence[Missed], picked: Collection[int]) -> list[str]:
    """The words of those that were picked, the newest first."""
    words = clean([missed.question for missed in reversed(found) if missed.id in picked])
    if not words:
        raise Refused("wording_missing")
    return words


def clean(texts: Sequence[str]) -> list[str]:
    """As wordings may stand in the knowledge base: without anybody's numbers, none twice."""
    return [text[:LONGEST_QUESTION] for text in dict.fromkeys(map(masked, texts))]


def past(unit: Unit, staff: Staff, now: datetime, start: int, limit: int) -> list[Past]:
    """Decisions of the last months, the latest first, leaving out the first `start`."""
    demand(staff, Action.READ_MISSES)
    return rows.past(unit, now - REMEMBERED, start, limit)


def reopen(unit: Unit, staff: Staff, miss_id: int, now: datetime) -> None:
    """Take back the decision on a miss and on those settled with it, as far as they still belong in the queue."""
    demand(staff, Action.WRITE_KNOWLEDGE)
    settled = rows.settled_with(unit, miss_id)
    found = rows.reopen(unit, [missed.id for missed in settled.misses], now - KEPT_OPEN) if settled else []
    if settled is None or not found:
        raise Conflict("miss_settled")
    publications.ask_no_more_of(unit, settled.verdict.staff_id, settled.verdict.at)
    audit.record(unit, Deed("miss.reopened", f"miss:{found[0].id}", now, staff.id, {"number": len(found)}))
