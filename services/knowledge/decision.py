"""Decides what is said, from the ranking and the fitted thresholds."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.knowledge.kinds import QUESTION, Kind
from services.knowledge.outcome import Finding, Outcome, Refusal, Scored
from services.knowledge.ranking import Ranking

SHOWN = 3

CLOSE = 0.01
"""How much of the best entry's score another of its group must have to be asked about."""

SMALLEST = 1e-4
STEEPEST = 30.0
PLAIN, PLAIN_OF_FEW = 0.3, 0.5
"""Shares from which what is nobody's matter is refused as the kind it seems to be; below, a person is offered.

A text of a `FEW` signs is a little like much.
"""

FEW = 6

ASKED = 0.7
"""Share of a question from which rules of what is none give way, but for firm ones.

At a half already, rules lost complaints that examples had no words for, and kept no question from being taken for one.
"""

SURELY = 0.9
"""Share from which what a text is by its kind alone keeps rules of other kinds away."""


class Side(StrEnum):
    """What a text may be, coarsely: for the entries, a complaint, a wish for a person, or nobody's matter."""

    QUESTION = QUESTION
    COMPLAINT = Outcome.COMPLAINT.value
    PERSON = Outcome.PERSON.value
    STRANGE = "strange"


NAMED = frozenset({Side.QUESTION, Side.COMPLAINT, Side.PERSON})
"""Those that are kinds of their own; all other kinds are strange."""


@dataclass(frozen=True)
class Thresholds:
    """Fitted by `calibrate` and kept in the seed file; weights are in the order of what they weigh, a constant last."""

    sure: tuple[float, ...]
    """Of a logistic function of the signals: how probable it is that the first entry is right."""
    sides: tuple[tuple[float, ...], ...]
    """Of a softmax of the clues, a row for each side: what a text is, by its kind and by how entries fit it."""
    answer: float
    """`sure` from which the first entry is given alone."""


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


def clues(heard: Heard) -> tuple[float, ...]:
    """What tells the side of a text, as numbers: how probable each is by the kind alone, and how well an entry fits."""
    shares, ranking = heard.kind.shares, heard.ranking
    named = [shares.get(side, 0.0) for side in Side if side in NAMED]
    told = (math.log(max(share, SMALLEST)) for share in (*named, 1 - sum(named)))
    return (*told, _log_odds(heard.kind.question), _log_odds(ranking.entries[0][1]), ranking.covered)


def side(heard: Heard, thresholds: Thresholds) -> Side:
    """The likeliest side of a text: of a few that are alike, as near as the kinds and the entries tell."""
    told = (*clues(heard), 1.0)
    scores = (sum(w * c for w, c in zip(row, told, strict=True)) for row in thresholds.sides)
    return max(zip(Side, scores, strict=True), key=lambda pair: pair[1])[0]


def likely(kind: Kind) -> Outcome | None:
    """What a text is by its kind alone: surely a question, or surely something else; None where neither is clear."""
    if kind.question >= ASKED:
        return Outcome.ANSWERED
    return _labelled(kind.label).outcome if kind.share >= SURELY else None


def decide(heard: Heard, thresholds: Thresholds) -> Finding:
    """The finding for a text that no rule of the intents has caught."""
    found = side(heard, thresholds)
    if found is not Side.QUESTION:
        return _labelled(found.value) if found in NAMED else _strange(heard)
    sure = probability(heard, thresholds.sure)
    ranked = heard.ranking.entries
    first = ranked[0][1] or 1.0
    entries = tuple(Scored(entry_id, round(sure * share / first, 4)) for entry_id, share in ranked[:SHOWN])
    return Finding(Outcome.ANSWERED if sure >= thresholds.answer else Outcome.CANDIDATES, entries)


def _strange(heard: Heard) -> Finding:
    """Refused for its reason; without a plain one nobody knows an answer."""
    label, plain = heard.kind.likeliest(NAMED), PLAIN if heard.ranking.length > FEW else PLAIN_OF_FEW
    return _labelled(label) if label and heard.kind.shares[label] >= plain else Finding(Outcome.UNKNOWN)


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
