"""What clients sent, as WeChat and WeCom give it out for three days."""

from collections.abc import Mapping

from bot.channels.tencent.refusal import Refusal
from bot.errors import MediaRefused
from bot.vocabulary import MediaRefusal

PATH = "media/get"
_GONE = frozenset({40004, 40007, 41005, 41006})
"""The id is wrong, or was right more than three days ago."""


def named(media: Mapping[str, str]) -> dict[str, str]:
    """The question for a file; MediaRefused where the message named none."""
    if not media.get("media_id"):
        raise MediaRefused(MediaRefusal.GONE)
    return {"media_id": media["media_id"]}


def is_gone(refusal: Refusal) -> bool:
    """Whether asking again is in vain."""
    return refusal.code in _GONE
