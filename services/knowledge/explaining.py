"""Why a question finds what it finds, for those who write the entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.vocabulary import Locale
from services.knowledge import dialogue
from services.knowledge.decision import Thresholds
from services.knowledge.entry import Entry
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import Finding, Outcome, Scored
from services.knowledge.ranking import wordings


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry in the ranking: its share of all, its wording that came nearest, and how near that is (cosine)."""

    entry: Entry
    share: float
    wording: str
    nearness: float


@dataclass(frozen=True, slots=True)
class Explained:
    """What a text finds, and the ranking behind it.

    `caught`: a rule of the intents decided before anything was ranked. `rival` is the kind of text that it rather is
    than a question, with its share. `entries_share`: how probably it is a question to the knowledge base at all.
    `known`: how much of it stands in any wording.
    """

    finding: Finding
    caught: bool
    ranked: tuple[Ranked, ...]
    rival: str | None
    rival_share: float
    entries_share: float
    known: float
    answer: float
    """Confidence from which the first entry is given alone."""
    shown: Mapping[str, float]
    """Entry → the confidence with which it is shown to the client."""


def explain(knowledge: Knowledge, text: str, locale: Locale) -> Explained:
    """A text asked as a client would ask it, at the beginning of a conversation."""
    finding = dialogue.find(knowledge, text, locale)
    cleaned = knowledge.ranker.reader.clean(text)
    heard = knowledge.heard(cleaned)
    ranking, kind = heard.ranking, heard.kind
    return Explained(
        finding=finding,
        caught=knowledge.caught(cleaned) is not None,
        ranked=tuple(_ranked(knowledge, text, entry_id, share) for entry_id, share in ranking.entries),
        rival=kind.label if kind.share > kind.question else None,
        rival_share=kind.share,
        entries_share=kind.question,
        known=ranking.known,
        answer=_thresholds(knowledge, text).answer,
        shown={scored.entry_id: scored.score for scored in _shown(finding)},
    )


def _thresholds(knowledge: Knowledge, text: str) -> Thresholds:
    """Those that hold for a text whose vector is known are others."""
    sensed = knowledge.ranker.reader.clean(text) in knowledge.sensed
    return knowledge.fusion.thresholds if sensed and knowledge.fusion else knowledge.thresholds


def _shown(finding: Finding) -> Sequence[Scored]:
    """What the client gets to see: a single answer is its first entry alone."""
    alone = finding.outcome is Outcome.ANSWERED and not finding.several
    return finding.entries[:1] if alone else finding.entries


def _ranked(knowledge: Knowledge, text: str, entry_id: str, share: float) -> Ranked:
    entry = knowledge.entries[entry_id]
    wording, nearness = max(_near(knowledge, text, entry), key=lambda pair: pair[1])
    return Ranked(entry, share, wording, nearness)


def _near(knowledge: Knowledge, text: str, entry: Entry) -> list[tuple[str, float]]:
    """How near each wording of an entry is to a text."""
    ranker = knowledge.ranker
    vector = ranker.vocabulary.vector(ranker.reader.features(ranker.reader.clean(text)))
    first = int(ranker.firsts[ranker.labels.index(entry.entry_id)])
    products = ranker.phrasings.products(vector)
    return [(wording, float(products[first + place])) for place, wording in enumerate(wordings(entry))]
