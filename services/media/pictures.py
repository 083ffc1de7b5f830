"""The copy of a picture that people see: drawn anew, so that nothing but the picture is in it.

No place where it was taken, no name, nothing hidden behind it. Originals are kept as evidence.
"""

import struct
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from bot.errors import MediaRefused
from bot.vocabulary import MediaRefusal
from services.media.kinds import KNOWN

MOST_PIXELS: Final = 64_000_000
"""More than any phone's usual picture; a small file may hold a picture that fills the memory."""

LONGEST_SIDE: Final = 1600
_FORMATS = tuple(kind.picture for kind in KNOWN.values() if kind.picture)
_UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, EOFError, struct.error)
"""What the library raises for damaged pictures, each format in its own way."""


def copy(content: bytes) -> bytes:
    """A JPEG of at most 1600 pixels a side; MediaRefused for a picture that cannot be drawn, or is too large."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise MediaRefused(MediaRefusal.TOO_LARGE)
            return _drawn(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise MediaRefused(MediaRefusal.TOO_LARGE) from None
    except _UNREADABLE:
        raise MediaRefused(MediaRefusal.SUSPECTED) from None


def _drawn(image: Image.Image) -> bytes:
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    seen = upright.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    drawn = BytesIO()
    paper.save(drawn, "JPEG", quality=85)
    return drawn.getvalue()
