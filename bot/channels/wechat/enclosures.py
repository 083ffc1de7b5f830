"""Pictures and cards as customer-service messages."""

from collections.abc import Mapping
from typing import NamedTuple

from bot.channels.tencent.notation import legible
from bot.channels.tencent.platform import File
from bot.channels.tencent.shelf import Shelf
from bot.channels.wechat.api import Api
from bot.errors import ContentRefused
from bot.messages import Card, Document, Enclosed

LARGEST = 10 * 1024 * 1024
"""Bytes of a picture."""

_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png"}


class Enclosure(NamedTuple):
    """A message's type and its content as the platform takes them."""

    form: str
    content: Mapping[str, object]


async def enclosure(api: Api, shelf: Shelf, thing: Enclosed) -> Enclosure:
    """A card as it is; a picture is handed over first, which shows nothing yet: raises Refusal and SendError.

    Files cannot be sent.
    """
    if isinstance(thing, Card):
        article = {"title": thing.title, "description": thing.description, "url": thing.url, "picurl": thing.picture}
        return Enclosure("news", {"articles": [{name: legible(value) for name, value in article.items()}]})
    if isinstance(thing, Document) or thing.media_type not in _SUFFIXES or not 0 < len(thing.content) <= LARGEST:
        raise ContentRefused("40008", "no picture that the platform takes")
    file = File(f"picture.{_SUFFIXES[thing.media_type]}", thing.media_type, thing.content)
    number = await shelf.number(thing.content, lambda: api.upload("media/upload", file, {"type": "image"}))
    return Enclosure("image", {"media_id": number})
