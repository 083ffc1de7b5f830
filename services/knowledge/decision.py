"""Decides what is said, from the ranking and the fitted thresholds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from services.knowledge.outcome import Finding, Outcome, Refusal, Scored
from services.knowledge.ranking import Ranking

SHOWN = 3
SMALLEST = 1e-4
STEEPEST = 30.0


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
    """Share from which a text like the examples of complaints, persons or refusals counts as one."""


@dataclass(frozen=True)
class Fusion:
    """How what the vector of a question tells is joined, and on what is decided then.

    `own` is the weight of the ranker's scores, `vector` that of the logarithm of each label's share by the vector.
    """

    own: float
    vector: float
    thresholds: Thresholds


def signals(ranking: Ranking) -> tuple[float, ...]:
    """Log odds of the best entry and of all entries, the lead over the second, and three shares of the ranking."""
    first, second = [*(share for _, share in ranking.entries), 0.0, 0.0][:2]
    lead = math.log((first + SMALLEST) / (second + SMALLEST))
    return (_log_odds(first), _log_odds(ranking.entries_share), lead, ranking.nearest, ranking.known, ranking.covered)


def probability(ranking: Ranking, weights: Sequence[float]) -> float:
    """The logistic function of the signals of a ranking, 0 to 1."""
    total = sum(w * s for w, s in zip(weights, (*signals(ranking), 1.0), strict=True))
    return 1 / (1 + math.exp(-max(-STEEPEST, min(STEEPEST, total))))


def decide(ranking: Ranking, thresholds: Thresholds, asks: bool) -> Finding:
    """The finding for a text that no rule of the intents has caught; one that asks is not taken for a complaint."""
    calm = asks and ranking.label == Outcome.COMPLAINT.value
    if ranking.label is not None and ranking.label_share >= thresholds.label and not calm:
        return _labelled(ranking.label)
    if not ranking.entries or probability(ranking, thresholds.relevant) < thresholds.candidates:
        return Finding(Outcome.UNKNOWN)
    sure = probability(ranking, thresholds.sure)
    first = ranking.entries[0][1] or 1.0
    entries = tuple(Scored(entry_id, round(sure * share / first, 4)) for entry_id, share in ranking.entries[:SHOWN])
    return Finding(Outcome.ANSWERED if sure >= thresholds.answer else Outcome.CANDIDATES, entries)


def _labelled(label: str) -> Finding:
    if label in (Outcome.COMPLAINT.value, Outcome.PERSON.value, Outcome.UNKNOWN.value):
        return Finding(Outcome(label))
    return Finding(Outcome.REFUSED, reason=Refusal(label).value)


def _log_odds(share: float) -> float:
    kept = min(max(share, SMALLEST), 1 - SMALLEST)
    return math.log(kept / (1 - kept))
