"""What bytes are, by the bytes alone, and whether they are what they seem. CPU work: call it off the event loop."""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import MediaRefused
from bot.vocabulary import MediaRefusal
from services.media import pictures
from services.media.kinds import KNOWN

_MARKUP = re.compile(rb"<(?:script|html|iframe|\?php|!doctype\s+html)\b", re.IGNORECASE)
"""What a browser or a server might execute; none of the kinds kept has it by chance."""

_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Launch)\b")
_ARCHIVE_END, _ARCHIVE_TAIL = b"PK\x05\x06", 66_000
"""An archive set behind a picture is found by its end, which stands in the last 65,557 bytes."""

_BOX = b"ftyp"
_FILMS = (b"avc1", b"dash", b"iso2", b"iso4", b"iso5", b"iso6", b"isom", b"M4V ", b"mp41", b"mp42", b"MSNV")
_BRANDS = {b"M4A ": "audio/mp4", **dict.fromkeys(_FILMS, "video/mp4")}
"""What the first box of a file of the MP4 family names; puremagic goes by the box's length as well, and errs."""

_FRAMES = (b"\xff\xfa", b"\xff\xf2", b"\xff\xf3")
"""How MP3 begins without a title, at low rates or with checksums; puremagic knows only the usual form."""

_PDF, _PDF_HEAD = b"%PDF-", 1024
"""Readers take a file for a PDF when this stands anywhere in its head."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is kept: bytes at most, content types, and for how long."""

    largest: int
    types: Set[str]
    keep: timedelta


def judge(content: bytes, terms: Terms) -> str:
    """The content type; MediaRefused for what is too large, of another kind, or not what it seems."""
    if len(content) > terms.largest:
        raise MediaRefused(MediaRefusal.TOO_LARGE)
    if _MARKUP.search(content):
        raise MediaRefused(MediaRefusal.SUSPECTED)
    kind = _kind(content)
    if kind not in terms.types:
        raise MediaRefused(MediaRefusal.TYPE)
    if _is_double(content, kind):
        raise MediaRefused(MediaRefusal.SUSPECTED)
    if KNOWN[kind].picture:
        pictures.copy(content)
    return kind


def _kind(content: bytes) -> str:
    """The first known kind whose signature the bytes bear; "" for any other."""
    if content[4:8] == _BOX:
        return _BRANDS.get(content[8:12], "")
    if content.startswith(_FRAMES):
        return "audio/mpeg"
    import puremagic  # 1 MB that a server can spare until the first file

    try:
        found = {match.extension for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        return ""
    return next((name for name, kind in KNOWN.items() if kind.known_as & found), "")


def _is_double(content: bytes, kind: str) -> bool:
    """Whether it is also something else, or would do something by itself."""
    if _ARCHIVE_END in content[-_ARCHIVE_TAIL:]:
        return True
    if kind == "application/pdf":
        return _ACTIVE_PDF.search(content) is not None
    return _PDF in content[:_PDF_HEAD]
