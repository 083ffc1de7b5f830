"""Pictures that a client sent at once: a platform hands them over one by one, and they want one answer."""

from bot.messages import ALBUM, Incoming
from storage.repositories import inbox
from storage.unit import Unit


def answered(unit: Unit, conversation_id: int, inbox_id: int, message: Incoming) -> bool:
    """Whether an earlier message of the same album had its turn."""
    album = message.media.get(ALBUM)
    return album is not None and inbox.is_later(unit, conversation_id, inbox_id, (ALBUM, album))
