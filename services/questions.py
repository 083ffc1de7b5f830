"""Questions without a certain answer, kept for the curators and counted in a conversation; votes on the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.repositories import misses as rows
from storage.repositories import ownership, votes
from storage.repositories.conversations import Conversation
from storage.repositories.misses import Miss
from storage.repositories.votes import Vote
from storage.unit import Unit

__all__ = ["Miss", "Questions", "Vote"]

TOPIC = "misses"
MEMORY = timedelta(minutes=30)
"""After such a pause the count begins anew."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Keeps misses and votes."""

    def miss(self, unit: Unit, conversation: Conversation, miss: Miss) -> int:
        """Keep a miss; how many there have been in a row."""
        rows.add(unit, miss)
        count = _counted(conversation, miss.at) + 1
        ownership.remember(unit, conversation.id, TOPIC, {"count": count, "at": miss.at.isoformat()})
        return count

    def found(self, unit: Unit, conversation: Conversation) -> None:
        """Something was answered: begin to count anew."""
        ownership.remember(unit, conversation.id, TOPIC, None)

    def vote(self, unit: Unit, vote: Vote) -> None:
        """Keep whether an answer helped."""
        votes.cast(unit, vote)

    def asked(self, unit: Unit, conversation: Conversation, entry_id: str) -> str | None:
        """The question that an entry answered here; None if it is not known."""
        return votes.question_of(unit, conversation.id, entry_id)

    def missing(self, conversation: Conversation) -> bool:
        """Whether the last questions found nothing."""
        return TOPIC in conversation.dialog


def _counted(conversation: Conversation, now: datetime) -> int:
    kept = conversation.dialog.get(TOPIC)
    if not isinstance(kept, Mapping) or now - datetime.fromisoformat(kept["at"]) > MEMORY:
        return 0
    return int(kept["count"])
