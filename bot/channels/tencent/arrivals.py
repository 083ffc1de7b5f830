"""What the messages and events that both platforms push have alike."""

import hashlib
from datetime import UTC, datetime

from bot.channels.tencent.notation import Fields, word

LONGEST_ID = 64
"""Signs of a message's own number; a longer one is none."""

_MEDIA = {
    "MediaId": "media_id",
    "ThumbMediaId": "thumbnail_id",
    "Format": "format",
    "PicUrl": "url",
    "Url": "url",
    "Title": "title",
    "Description": "description",
    "Location_X": "latitude",
    "Location_Y": "longitude",
    "Label": "label",
}
_LATEST = 4_102_444_800
"""Seconds of the year 2100; a time beyond it is no time."""


def media_of(fields: Fields) -> dict[str, str]:
    """What a message carries besides words, by our names."""
    return {ours: value for theirs, ours in _MEDIA.items() if (value := word(fields, theirs))}


def number_of(fields: Fields) -> str:
    """The platform's id of a message, or one made of what tells it apart."""
    number = word(fields, "MsgId")
    return number if 0 < len(number) <= LONGEST_ID else digest(fields, "MsgType", "Content")


def digest(fields: Fields, *names: str) -> str:
    """An id for what the platform gives none: hashed, since an event's key may be an address of any length."""
    parts = "\0".join(word(fields, name) for name in ("FromUserName", "CreateTime", *names))
    return f"x{hashlib.sha256(parts.encode(errors='replace')).hexdigest()[:40]}"


def sent_at(fields: Fields, name: str = "CreateTime") -> datetime | None:
    """To the second."""
    seconds = word(fields, name)
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= len(str(_LATEST))):
        return None
    return datetime.fromtimestamp(min(int(seconds), _LATEST), UTC)
