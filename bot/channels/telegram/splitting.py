"""Splits long texts where a sentence ends. Telegram counts UTF-16 units: a sign beyond the basic plane is two."""

import re

LONGEST_TEXT = 4096

_SENTENCE_END = re.compile(r"[\u3002\uff01\uff1f\u2026]+[\u201d\u2019\u300d\u300f\uff09]*|[.!?]+(?=\s)|\n+")


def utf16_length(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def split(text: str, limit: int = LONGEST_TEXT) -> list[str]:
    """Parts of at most `limit` units that together are the text; parts without a visible sign are left out.

    Cut after the last sentence that fits; where no sentence ends, after the last blank; else inside the word.
    """
    parts = []
    while utf16_length(text) > limit:
        cut = _cut(text, len(_head(text, limit)))
        parts.append(text[:cut])
        text = text[cut:]
    parts.append(text)
    return [part for part in parts if part.strip()] or [text]


def _head(text: str, limit: int) -> str:
    """As many whole characters as fit."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def _cut(text: str, most: int) -> int:
    # One more character is looked at: a full stop ends a sentence only before a blank.
    ends = [found.end() for found in _SENTENCE_END.finditer(text[: most + 1]) if found.end() <= most]
    return ends[-1] if ends else text[:most].rfind(" ") + 1 or most
