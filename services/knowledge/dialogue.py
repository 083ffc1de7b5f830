"""The answer engine in a conversation: a message alone, or together with what was spoken of before it."""

from bot.messages import Topic
from bot.vocabulary import Locale
from services.knowledge import parts
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import Finding, Outcome, Refusal
from services.knowledge.references import References

OPEN = frozenset({Outcome.ANSWERED, Outcome.CANDIDATES, Outcome.CLARIFY, Outcome.UNKNOWN})
"""Outcomes of a message alone that what was said before may change."""


def find(knowledge: Knowledge, text: str, locale: Locale, topic: Topic | None = None) -> Finding:
    """What a message of any kind is; never raises.

    What it is by itself comes first: a complaint, a wish for a person or a refusal is never read as anything else.
    """
    alone = knowledge.find(text, locale)
    cleaned = knowledge.ranker.reader.clean(text)
    if not _open(knowledge, alone, cleaned):
        return alone
    leaning = References.of(knowledge).resolve(cleaned, topic) if topic else None
    return leaning or parts.find(knowledge, text, locale, alone) or alone


def _open(knowledge: Knowledge, alone: Finding, cleaned: str) -> bool:
    """Whether it may lean on the topic: also where it only resembles small talk, as half a question does."""
    if alone.outcome in OPEN:
        return bool(cleaned)
    return alone.reason == Refusal.OUT_OF_SCOPE and knowledge.intents.find(cleaned) is None
