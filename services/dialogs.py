"""What a conversation remembers between its turns: unfinished dialogues by topic, and the language spoken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.vocabulary import Locale
from storage.repositories import ownership
from storage.repositories.conversations import Conversation
from storage.unit import Unit

BINDING = "binding"
SALON = "salon"
ASSESSMENT = "assessment"
LESSON = "lesson"
QUIET = "quiet"


def remember(unit: Unit, conversation_id: int, topic: str, until: datetime, **values: Any) -> None:
    """Keep a topic until an instant."""
    ownership.remember(unit, conversation_id, topic, {"until": until.isoformat(), **values})


def forget(unit: Unit, conversation_id: int, topic: str) -> None:
    """End a topic."""
    ownership.remember(unit, conversation_id, topic, None)


def recall(conversation: Conversation, topic: str, now: datetime) -> Mapping[str, Any] | None:
    """What was kept of a topic, while it lasts."""
    kept = conversation.dialog.get(topic)
    if not isinstance(kept, Mapping) or datetime.fromisoformat(kept["until"]) <= now:
        return None
    return kept


def speak(unit: Unit, conversation_id: int, locale: Locale) -> None:
    """Speak another language in this conversation from now on."""
    ownership.speak(unit, conversation_id, locale)
