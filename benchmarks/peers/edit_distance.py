"""The nearest phrasing by edit distance, as ChatterBot's `LevenshteinDistance` compares: all, one by one."""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

Ask = Callable[[str], list[str]]
Phrasing = tuple[str, str]
"""The id of an entry and one of its wordings."""


def build(phrasings: Sequence[Phrasing]) -> Ask:
    """Asks for the ids of the three entries whose phrasings are nearest."""
    known = [(entry_id, text.lower()) for entry_id, text in phrasings]
    return lambda question: _nearest(question.lower(), known)


def _nearest(question: str, known: Sequence[Phrasing]) -> list[str]:
    best: dict[str, float] = {}
    for entry_id, text in known:
        alike = SequenceMatcher(None, question, text).ratio()
        best[entry_id] = max(alike, best.get(entry_id, 0.0))
    return sorted(best, key=best.__getitem__, reverse=True)[:3]
