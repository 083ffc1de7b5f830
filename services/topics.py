"""What a conversation is about, and for how long a message may lean on it."""

from datetime import datetime, timedelta

from bot.messages import Topic
from storage.repositories.conversations import Conversation

SPAN = timedelta(minutes=10)
TURNS = 2
"""A message may lean on what was said so long ago, and so many turns."""


def current(conversation: Conversation, now: datetime) -> Topic | None:
    """The topic while it holds."""
    if conversation.topic_at is None or conversation.topic_turns >= TURNS or now - conversation.topic_at > SPAN:
        return None
    return conversation.topic
