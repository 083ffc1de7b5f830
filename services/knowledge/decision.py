"""Decides what is said, from the ranking and the fitted thresholds."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.knowledge.kinds import Kind
from services.knowledge.outcome import Finding, Outcome, Refusal, Scored
from services.knowledge.ranking import Ranking

SHOWN = 3

CLOSE = 0.01
"""How much of the best entry's score another of its group must have to be asked about."""

SMALLEST = 1e-4
STEEPEST = 30.0
PLAIN, PLAIN_OF_FEW = 0.3, 0.5
"""Shares from which a text that fits no entry counts as the kind it seems to be; below, a person is offered.

It may be less than half: nothing else is so likely, and who complains must not hear that nobody knows an answer. But a
text of a `FEW` signs is a little like much.
"""

FEW = 6

ASKED = 0.7
"""Share of a question from which rules of what is none give way, but for firm ones.

At a half already, rules lost complaints that examples had no words for, and kept no question from being taken for one.
"""


@dataclass(frozen=True)
class Thresholds:
    """Fitted by `calibrate` and kept in the seed file.

    Two logistic functions of the same signals (weights in their order, the constant last) tell how probable it is that
    the first entry is right (`sure`), and that any entry is meant at all (`relevant`).
    """

    sure: tuple[float, ...]
    relevant: tuple[float, ...]
    answer: float
    """`sure` from which the first entry is given alone."""
    candidates: float
    """`relevant` below which the text counts as unknown."""
    label: float
    """Share from which a text counts as a complaint, a wish for a person or a refusal, or surely as a question."""


@dataclass(frozen=True)
class Group:
    """Entries that answer the same question for different cases, and by what a client says which case is meant."""

    entries: frozenset[str]
    concepts: frozenset[str]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Fusion:
    """How what the vector of a question tells is joined, and on what is decided then.

    `own` is the weight of the ranker's scores, `vector` that of the logarithm of each entry's share by the vector.
    """

    own: float
    vector: float
    thresholds: Thresholds


@dataclass(frozen=True)
class Heard:
    """A text as the entries rank for it, and as the kind that it seems to be."""

    ranking: Ranking
    kind: Kind
    joined: bool = False
    """Whether the ranking is also what the text's vector tells."""


def signals(heard: Heard) -> tuple[float, ...]:
    """What is known of a text, as numbers.

    Log odds of the best entry and of a question at all, the lead over the second entry, how near it all is, and how
    long the text is.
    """
    ranking = heard.ranking
    first, second = [*(share for _, share in ranking.entries), 0.0, 0.0][:2]
    lead = math.log((first + SMALLEST) / (second + SMALLEST))
    odds = (_log_odds(first), _log_odds(heard.kind.question))
    return (*odds, lead, ranking.nearest, ranking.known, ranking.covered, math.log1p(ranking.length))


def probability(heard: Heard, weights: Sequence[float]) -> float:
    """The logistic function of the signals of a text, 0 to 1."""
    total = sum(w * s for w, s in zip(weights, (*signals(heard), 1.0), strict=True))
    return 1 / (1 + math.exp(-max(-STEEPEST, min(STEEPEST, total))))


def likely(kind: Kind, thresholds: Thresholds) -> Outcome | None:
    """What a text is by its kind alone: surely a question, or surely something else; None where neither is clear."""
    if kind.question >= ASKED:
        return Outcome.ANSWERED
    return _labelled(kind.label).outcome if kind.share >= thresholds.label else None


def decide(heard: Heard, thresholds: Thresholds) -> Finding:
    """The finding for a text that no rule of the intents has caught."""
    ranking, kind = heard.ranking, heard.kind
    if kind.share >= thresholds.label:
        return _labelled(kind.label)
    if probability(heard, thresholds.relevant) < thresholds.candidates:
        plain = PLAIN if ranking.length > FEW else PLAIN_OF_FEW
        return _labelled(kind.label) if kind.share >= plain else Finding(Outcome.UNKNOWN)
    sure = probability(heard, thresholds.sure)
    first = ranking.entries[0][1] or 1.0
    entries = tuple(Scored(entry_id, round(sure * share / first, 4)) for entry_id, share in ranking.entries[:SHOWN])
    return Finding(Outcome.ANSWERED if sure >= thresholds.answer else Outcome.CANDIDATES, entries)


def asked_back(decided: Finding, heard: Heard, groups: Sequence[Group], said: Callable[[Group], bool]) -> Finding:
    """A question back, where the word that tells the best entry from others of its group was not `said`."""
    if not decided.entries:
        return decided
    entries, sure = heard.ranking.entries, decided.entries[0].score
    best, share = entries[0]
    group = next((group for group in groups if best in group.entries and not said(group)), None)
    offered = map(entries.__getitem__, _offered(heard, group) if group else ())
    shown = tuple(Scored(entry_id, round(sure * each / share, 4)) for entry_id, each in offered)
    return Finding(Outcome.CLARIFY, shown) if shown[1:] else decided


def _offered(heard: Heard, group: Group) -> Sequence[int]:
    """Places of the entries of a group that come close to the best.

    Where a vector was heard as well, an outsider that ranks before the second of them is offered too; none are where
    so many outsiders do that the one word would not decide.
    """
    entries = heard.ranking.entries
    close = [i for i, (one, share) in enumerate(entries) if one in group.entries and share >= CLOSE * entries[0][1]]
    if not heard.joined or not close[1:]:
        return close[:SHOWN]
    return sorted({*range(close[1]), *close})[:SHOWN] if close[1] < SHOWN else ()


def _labelled(label: str) -> Finding:
    if label in (Outcome.COMPLAINT.value, Outcome.PERSON.value, Outcome.UNKNOWN.value):
        return Finding(Outcome(label))
    return Finding(Outcome.REFUSED, reason=Refusal(label).value)


def _log_odds(share: float) -> float:
    kept = min(max(share, SMALLEST), 1 - SMALLEST)
    return math.log(kept / (1 - kept))
