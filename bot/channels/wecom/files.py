"""Pictures and files of ours, handed in for three days; only this corp can use their numbers."""

from pathlib import Path

from bot.channels.base import ChannelState
from bot.channels.tencent.notation import legible
from bot.channels.tencent.platform import File
from bot.channels.tencent.refusal import Refusal
from bot.channels.tencent.shelf import Shelf
from bot.channels.wecom.api import Api
from bot.errors import ContentRefused
from bot.messages import Card, Document, Picture

LEAST, LARGEST = 5, {"image": 10 * 1024 * 1024, "file": 20 * 1024 * 1024}
"""Bytes: more than these, and at most so many."""
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png"}


THUMBNAIL = Picture(Path(__file__).with_name("link.png").read_bytes(), "image/png")
"""What the service desk wants beside every link."""


def card_fields(card: Card) -> dict[str, str]:
    """A link as the platform takes it; a description may be missing, but is not empty."""
    words = {"title": legible(card.title), "desc": legible(card.description), "url": card.url}
    return {name: value for name, value in words.items() if value}


def form_of(thing: Picture | Document) -> str:
    """How the platform calls it."""
    return "image" if isinstance(thing, Picture) else "file"


class Files:
    """What one part has handed in."""

    def __init__(self, api: Api, state: ChannelState) -> None:
        self._api = api
        self._shelf = Shelf(state)

    async def number(self, thing: Picture | Document) -> str:
        """The number under which it can be sent; raises SendError, none of which leaves anything shown."""
        form = form_of(thing)
        if not LEAST < len(thing.content) <= LARGEST[form]:
            raise ContentRefused("40058", "nothing that the platform takes")
        file = File(_name(thing), thing.media_type, thing.content)
        try:
            return await self._shelf.number(thing.content, lambda: self._api.upload(file, form))
        except Refusal as refusal:
            raise self._api.outcome(refusal) from None


def _name(thing: Picture | Document) -> str:
    if isinstance(thing, Document):
        return thing.name
    if thing.media_type not in SUFFIXES:
        raise ContentRefused("40058", "no picture that the platform takes")
    return f"picture.{SUFFIXES[thing.media_type]}"
