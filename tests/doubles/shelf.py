"""What clients sent to WeChat and WeCom besides words, handed out for three days."""

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.responses import Response

from bot.clock import Clock
from tests.doubles.faults import errcode

LIFE = timedelta(days=3)
PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
"""One pixel, as PNG."""
VOICE = b"#!AMR\n" + b"\x3c" * 64


@dataclass(frozen=True)
class Item:
    """One file: its bytes, the content type that the platform claims, and when it came."""

    content: bytes
    claimed: str
    at: datetime


@dataclass
class Shelf:
    """Files by media id; there are always a picture and a voice message, which the clients here send."""

    clock: Clock
    items: dict[str, Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.put("media-1", PICTURE, "image/png")
        self.put("media-2", VOICE, "audio/amr")

    def put(self, media_id: str, content: bytes, claimed: str = "image/jpeg") -> None:
        """A client has sent it."""
        self.items[media_id] = Item(content, claimed, self.clock.now())

    def hand_out(self, media_id: str) -> Response:
        """The bytes, or the refusal that comes under HTTP 200 in their place."""
        item = self.items.get(media_id)
        if item is None or self.clock.now() - item.at > LIFE:
            return refusal(40007, "invalid media_id")
        disposition = f'attachment; filename="{media_id}"'
        return Response(item.content, media_type=item.claimed, headers={"content-disposition": disposition})


def refusal(code: int, words: str) -> Response:
    """As the platforms refuse a download: HTTP 200, and text instead of a file."""
    return Response(errcode(code, words).body, media_type="text/plain")
