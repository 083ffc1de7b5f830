"""Kinds of media that can be kept, and how they are handed out."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its usual ending, the endings puremagic gives it, and Pillow's name for a picture."""

    ending: str
    known_as: frozenset[str] = frozenset()
    picture: str | None = None


KNOWN: Mapping[str, Kind] = {
    "image/jpeg": Kind("jpg", frozenset({".jpg"}), "JPEG"),
    "image/png": Kind("png", frozenset({".png"}), "PNG"),
    "image/gif": Kind("gif", frozenset({".gif"}), "GIF"),
    "image/webp": Kind("webp", frozenset({".webp"}), "WEBP"),
    "application/pdf": Kind("pdf", frozenset({".pdf"})),
    "audio/amr": Kind("amr", frozenset({".amr"})),
    "audio/mpeg": Kind("mp3", frozenset({".mp3", ".mpga"})),
    "audio/ogg": Kind("ogg", frozenset({".ogg"})),
    "audio/mp4": Kind("m4a"),
    "video/mp4": Kind("mp4"),
}
"""By content type; what is not here is never kept."""

COPY_TYPE = "image/jpeg"
"""Of the copy that pages show of every picture."""

_SHUT_IN = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


def is_picture(kind: str) -> bool:
    """Whether pages show it; everything else is a link."""
    return kind in KNOWN and KNOWN[kind].picture is not None


def enclosed_as(kind: str) -> str | None:
    """As what staff can send something to a client: `image`, `file`, or None where they cannot."""
    if is_picture(kind):
        return "image"
    return "file" if kind == "application/pdf" else None


def copy_headers(media_id: int) -> dict[str, str]:
    """What goes out with the copy of a picture."""
    return _SHUT_IN | {"Content-Disposition": f'inline; filename="{media_id}.jpg"'}


def original_headers(media_id: int, kind: str) -> dict[str, str]:
    """What goes out with an original: under a neutral name and to be saved, never to be opened in the page."""
    ending = KNOWN[kind].ending if kind in KNOWN else "bin"
    return _SHUT_IN | {"Content-Disposition": f'attachment; filename="{media_id}.{ending}"'}
