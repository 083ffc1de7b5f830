"""Columns on a terminal, where a Chinese sign is as wide as two letters."""

import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Sequence

_WIDE = ("W", "F")
_GAP = "  "
_LEAST = 30
"""A narrower last column is not worth breaking for."""

_PIECE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+")
"""What stays on one line: a Chinese sign, a word, blanks."""


def width(text: str) -> int:
    """How many letters wide a text is."""
    return sum(2 if unicodedata.east_asian_width(sign) in _WIDE else 1 for sign in text)


def show(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with their columns below one another."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)]
        sys.stdout.write(_GAP.join(cells).rstrip() + "\n")


def show_wrapped(rows: Sequence[Sequence[str]]) -> None:
    """The same with a last column of several lines, broken at the terminal's edge where there is one."""
    taken = sum(max(map(width, column)) + len(_GAP) for column in list(zip(*rows, strict=True))[:-1])
    room = shutil.get_terminal_size().columns - taken if sys.stdout.isatty() else sys.maxsize
    show([line for row in rows for line in _lines(row, max(room, _LEAST))])


def _lines(row: Sequence[str], room: int) -> Iterator[Sequence[str]]:
    heads, blanks = row[:-1], [""] * (len(row) - 1)
    broken = [part for line in row[-1].splitlines() for part in wrapped(line, room)]
    for number, part in enumerate(broken):
        yield [*(blanks if number else heads), part]


def wrapped(text: str, room: int) -> list[str]:
    """Lines of at most `room` letters' width; a longer word stands alone on its line."""
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and width(lines[-1] + piece.rstrip()) > room:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]
