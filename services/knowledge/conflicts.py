"""Whose questions a change would take away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.knowledge.evaluate import Question
from services.knowledge.knowledge import Knowledge
from services.knowledge.ranking import wordings


@dataclass(frozen=True, slots=True)
class Stolen:
    """A question that led to `owner` first and would lead to `thief`; `kept` says that the regression set holds it."""

    question: str
    owner: str
    thief: str
    kept: bool


def stolen(before: Knowledge, after: Knowledge, questions: Sequence[Question]) -> list[Stolen]:
    """Wordings of other entries, and regression questions, that would change their first entry for a wrong one."""
    return [*_wordings(before, after), *_kept(before, after, questions)]


def _wordings(before: Knowledge, after: Knowledge) -> Iterator[Stolen]:
    """Of entries that stay: their own wordings that would lead elsewhere, and did not before."""
    for entry_id in (entry_id for entry_id in after.entries if entry_id in before.entries):
        for text in wordings(after.entry(entry_id)):
            thief = _first(after, text)
            if thief and thief != entry_id and _first(before, text) == entry_id:
                yield Stolen(text, entry_id, thief, kept=False)


def _kept(before: Knowledge, after: Knowledge, questions: Sequence[Question]) -> Iterator[Stolen]:
    for question in questions:
        owner, thief = _first(before, question.text), _first(after, question.text)
        if owner in question.expected and owner and thief and thief not in question.expected:
            yield Stolen(question.text, owner, thief, kept=True)


def _first(knowledge: Knowledge, text: str) -> str | None:
    entries = knowledge.rank(text).entries
    return entries[0][0] if entries else None
