"""What clients send besides words."""

from enum import StrEnum

from bot.vocabulary.channels import MessageKind


class MediaState(StrEnum):
    """What has become of one picture or file."""

    WANTED = "wanted"
    KEPT = "kept"
    REFUSED = "refused"
    REMOVED = "removed"


class MediaRefusal(StrEnum):
    """Why a picture or file is not kept."""

    TOO_LARGE = "too_large"
    TYPE = "type"
    SUSPECTED = "suspected"
    GONE = "gone"
    UNREACHED = "unreached"


FETCHED = frozenset({MessageKind.IMAGE, MessageKind.VOICE, MessageKind.VIDEO, MessageKind.FILE})
"""Kinds of messages whose bytes are fetched and kept."""

MEDIA_TYPES = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "application/pdf",
    "audio/amr",
    "audio/mpeg",
    "audio/ogg",
    "audio/mp4",
    "video/mp4",
)
"""Content types that can be told by their bytes and may be kept."""
