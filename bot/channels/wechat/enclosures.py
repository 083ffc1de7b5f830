"""Pictures and cards as customer-service messages."""

from collections.abc import Mapping
from typing import NamedTuple

from bot.channels.tencent.notation import legible, word
from bot.channels.tencent.platform import File
from bot.channels.wechat.api import Api
from bot.errors import ContentRefused, OutcomeUnknown, TryLater
from bot.messages import Card, Document, Enclosed

LARGEST = 10 * 1024 * 1024
"""Bytes of a picture."""

_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png"}


class Enclosure(NamedTuple):
    """A message's type and its content as the platform takes them."""

    form: str
    content: Mapping[str, object]


async def enclosure(api: Api, thing: Enclosed) -> Enclosure:
    """A card as it is; a picture is handed over first, which shows nothing yet: raises Refusal and SendError.

    Files cannot be sent.
    """
    if isinstance(thing, Card):
        article = {"title": thing.title, "description": thing.description, "url": thing.url, "picurl": thing.picture}
        return Enclosure("news", {"articles": [{name: legible(value) for name, value in article.items()}]})
    if isinstance(thing, Document) or thing.media_type not in _SUFFIXES or not 0 < len(thing.content) <= LARGEST:
        raise ContentRefused("40008", "no picture that the platform takes")
    file = File(f"picture.{_SUFFIXES[thing.media_type]}", thing.media_type, thing.content)
    try:
        number = word(await api.upload("media/upload", file, {"type": "image"}), "media_id")
    except OutcomeUnknown as unknown:
        raise TryLater("upload", unknown.detail) from None
    if not number:
        raise TryLater("upload", "no number in the answer")
    return Enclosure("image", {"media_id": number})
