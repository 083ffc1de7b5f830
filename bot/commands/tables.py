"""Columns on a terminal, where a Chinese sign is as wide as two letters."""

import sys
import unicodedata
from collections.abc import Sequence

_WIDE = ("W", "F")
_GAP = "  "


def width(text: str) -> int:
    """How many letters wide a text is."""
    return sum(2 if unicodedata.east_asian_width(sign) in _WIDE else 1 for sign in text)


def show(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with their columns below one another."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)]
        sys.stdout.write(_GAP.join(cells).rstrip() + "\n")
