"""Questions without a certain answer: kept for the curators, and counted within a conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.repositories import misses as rows
from storage.repositories import ownership
from storage.repositories.conversations import Conversation
from storage.repositories.misses import Miss
from storage.unit import Unit

__all__ = ["Miss", "Questions"]

TOPIC = "misses"
MEMORY = timedelta(minutes=30)
"""After such a pause the count begins anew."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Keeps misses."""

    def miss(self, unit: Unit, conversation: Conversation, miss: Miss) -> int:
        """Keep a miss; how many there have been in a row."""
        rows.add(unit, miss)
        count = _counted(conversation, miss.at) + 1
        ownership.remember(unit, conversation.id, TOPIC, {"count": count, "at": miss.at.isoformat()})
        return count

    def found(self, unit: Unit, conversation: Conversation) -> None:
        """Something was answered: begin to count anew."""
        ownership.remember(unit, conversation.id, TOPIC, None)

    def missing(self, conversation: Conversation) -> bool:
        """Whether the last questions found nothing."""
        return TOPIC in conversation.dialog


def _counted(conversation: Conversation, now: datetime) -> int:
    kept = conversation.dialog.get(TOPIC)
    if not isinstance(kept, Mapping) or now - datetime.fromisoformat(kept["at"]) > MEMORY:
        return 0
    return int(kept["count"])
