"""Decides what is said, from the ranking and the fitted thresholds."""

import math
from dataclasses import dataclass

from services.knowledge.outcome import Finding, Outcome, Refusal, Scored
from services.knowledge.ranking import Ranking

SHOWN = 3


@dataclass(frozen=True)
class Thresholds:
    """Fitted by `calibrate` and kept in the seed file.

    The confidence that the first entry is right is a logistic function of four signals; from `answer` on it is given
    alone, from `candidates` on with its neighbours, below that the text counts as unknown.
    """

    share: float
    margin: float
    nearest: float
    known: float
    bias: float
    answer: float
    candidates: float
    label: float
    """Share from which a text that is like the examples of complaints, persons or refusals counts as one."""


def signals(ranking: Ranking) -> tuple[float, float, float, float]:
    """Log odds of the best entry, its lead over the second, its nearest phrasing, and how much of the text is known."""
    if not ranking.entries:
        return (-9.0, 0.0, 0.0, 0.0)
    first = ranking.entries[0][1]
    second = ranking.entries[1][1] if len(ranking.entries) > 1 else 0.0
    return (_log_odds(first), math.log((first + 1e-4) / (second + 1e-4)), ranking.nearest, ranking.known)


def confidence(ranking: Ranking, thresholds: Thresholds) -> float:
    """The probability, 0 to 1, that the first entry is the right one."""
    weights = (thresholds.share, thresholds.margin, thresholds.nearest, thresholds.known)
    total = sum(w * s for w, s in zip(weights, signals(ranking), strict=True)) + thresholds.bias
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def decide(ranking: Ranking, thresholds: Thresholds) -> Finding:
    """The finding for a text that no rule of the intents has caught."""
    if ranking.label is not None and ranking.label_share >= thresholds.label:
        return _labelled(ranking.label)
    sure = confidence(ranking, thresholds)
    if sure < thresholds.candidates:
        return Finding(Outcome.UNKNOWN)
    first = ranking.entries[0][1] or 1.0
    entries = tuple(Scored(entry_id, round(sure * share / first, 4)) for entry_id, share in ranking.entries[:SHOWN])
    return Finding(Outcome.ANSWERED if sure >= thresholds.answer else Outcome.CANDIDATES, entries)


def _labelled(label: str) -> Finding:
    if label in (Outcome.COMPLAINT.value, Outcome.PERSON.value):
        return Finding(Outcome(label))
    return Finding(Outcome.REFUSED, reason=Refusal(label).value)


def _log_odds(share: float) -> float:
    kept = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(kept / (1 - kept))
