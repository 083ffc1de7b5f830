"""Whose questions a change would take away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from services.knowledge.evaluate import Question
from services.knowledge.knowledge import Knowledge
from services.knowledge.ranking import wordings
from services.knowledge.sparse import Floats

NEAR = 0.2
"""Cosine from which a wording is held against a new one; in trials only far nearer ones were taken away."""


@dataclass(frozen=True, slots=True)
class Stolen:
    """A question that led to `owner` first and would lead to `thief`; `kept` says that the regression set holds it."""

    question: str
    owner: str
    thief: str
    kept: bool


def stolen(before: Knowledge, after: Knowledge, questions: Sequence[Question]) -> list[Stolen]:
    """Wordings of other entries, and regression questions, that would change their first entry for a wrong one.

    Only what stands near to a new wording is asked, and what entries say whose wordings changed: all of 10,000 entries
    take minutes. What flips between two entries that nobody touched is left to the regression set.
    """
    return [*_wordings(before, after), *_kept(before, after, questions)]


def _wordings(before: Knowledge, after: Knowledge) -> Iterator[Stolen]:
    """Of entries that stay: their own wordings that would lead elsewhere, and did not before."""
    for entry_id, text in _suspects(before, after):
        thief = _first(after, text)
        if thief and thief != entry_id and _first(before, text) == entry_id:
            yield Stolen(text, entry_id, thief, kept=False)


def _suspects(before: Knowledge, after: Knowledge) -> list[tuple[str, str]]:
    """Wordings, with their entries, that a change may have touched."""
    now, former = _worded(after), _worded(before)
    told = [(entry_id, text) for entry_id in after.ranker.labels for text in now[entry_id]]
    changed = {entry_id for entry_id in former if now.get(entry_id) != former[entry_id]}
    near = np.zeros(len(told), np.bool_)
    for entry_id, text in told:
        if text not in former.get(entry_id, ()):
            near |= _likeness(after, text) >= NEAR
    return [pair for pair, close in zip(told, near, strict=True) if pair[0] in former and (close or pair[0] in changed)]


def _worded(knowledge: Knowledge) -> dict[str, tuple[str, ...]]:
    return {entry_id: wordings(entry) for entry_id, entry in knowledge.entries.items()}


def _likeness(knowledge: Knowledge, text: str) -> Floats:
    """The cosine with each wording, in the order of the entries."""
    ranker = knowledge.ranker
    return ranker.phrasings.products(ranker.vocabulary.vector(ranker.reader.features(ranker.reader.clean(text))))


def _kept(before: Knowledge, after: Knowledge, questions: Sequence[Question]) -> Iterator[Stolen]:
    for question in questions:
        owner, thief = _first(before, question.text), _first(after, question.text)
        if owner in question.expected and owner and thief and thief not in question.expected:
            yield Stolen(question.text, owner, thief, kept=True)


def _first(knowledge: Knowledge, text: str) -> str | None:
    entries = knowledge.rank(text).entries
    return entries[0][0] if entries else None
