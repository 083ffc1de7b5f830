"""Long texts in parts that a platform takes, counted in bytes of UTF-8."""

import re

_CUTS = (
    re.compile("(?:[\u3002\uff01\uff1f\uff1b\u2026!?;\n]|\\.(?=\\s))[\"')\u2019\u201d\u300d\u300f\uff09]*"),
    re.compile("[\uff0c\u3001\uff1a,:\\s]"),
)
"""Where to cut, best first: after a sentence, else after a clause or word."""


def fits(text: str, longest: int) -> bool:
    """Whether one message of at most `longest` bytes can hold the text."""
    return len(text.encode(errors="replace")) <= longest


def split(text: str, longest: int) -> list[str]:
    """The text in order in parts that fit, cut after a sentence where there is one; none for an empty text."""
    parts: list[str] = []
    rest = text.strip()
    while not fits(rest, longest):
        head = rest.encode(errors="replace")[:longest].decode(errors="ignore")
        end = _cut(head)
        parts.append(head[:end].rstrip())
        rest = rest[end:].lstrip()
    return [part for part in [*parts, rest] if part]


def _cut(head: str) -> int:
    for pattern in _CUTS:
        if found := list(pattern.finditer(head)):
            return found[-1].end()
    return len(head)
