"""What a conversation is about, and for how long a message may lean on it."""

from datetime import datetime, timedelta

from bot.messages import Topic
from storage.repositories.conversations import Conversation

SPAN = timedelta(minutes=10)
HANDED_SPAN = timedelta(hours=24)
"""The same after a person handed the conversation back: clients return to what was said when they have read it."""
TURNS = 2
"""A message may lean on what was said so long ago, and so many turns."""


def current(conversation: Conversation, now: datetime) -> Topic | None:
    """The topic while it holds."""
    topic, at = conversation.topic, conversation.topic_at
    if topic is None or at is None or conversation.topic_turns >= TURNS:
        return None
    return topic if now - at <= (HANDED_SPAN if topic.handed else SPAN) else None
