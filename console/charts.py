"""The geometry of charts. Pages draw them as SVG of their own: no script, no foreign address, a link in every bar.

Drawings are stretched to the page's width; numbers and days stand beside them as text, so that they keep their size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH, GAP = 10.0, 2.5
"""Of one column, and of the space in it, in units of the drawing; its height is 100."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a column or bar: of which series, where it begins, and how long it is."""

    series: int
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a stacked chart: its left side, and its pieces from the bottom up."""

    left: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Stacked:
    """A chart of columns; `top` is the number at its upper edge."""

    top: int
    width: float
    columns: tuple[Column, ...]


def stacked(rows: Sequence[Sequence[int]]) -> Stacked:
    """Columns of numbers, each series on top of the one before."""
    top = ceiling(max((sum(row) for row in rows), default=0))
    columns = [Column(place * WIDTH + GAP / 2, tuple(_upwards(row, top))) for place, row in enumerate(rows)]
    return Stacked(top, max(len(rows), 1) * WIDTH, tuple(columns))


def _upwards(row: Sequence[int], top: int) -> list[Piece]:
    """Pieces named by their upper edge, as SVG counts from above."""
    return [Piece(one.series, 100.0 - one.start - one.length, one.length) for one in bar(row, top)]


def bar(row: Sequence[int], whole: int) -> list[Piece]:
    """A lying bar of which `whole` is 100; series without a number have no piece."""
    pieces, start = [], 0.0
    for series, number in enumerate(row):
        length = 100.0 * number / whole if whole else 0.0
        if number:
            pieces.append(Piece(series, round(start, 3), round(length, 3)))
        start += length
    return pieces


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a line, and how far the stretch reaches that is nearer to it than to its neighbours."""

    x: float
    y: float
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line in a square of 100; `top` is the number at its upper edge, the lower edge is nothing."""

    top: int
    points: tuple[Point, ...]

    @property
    def outline(self) -> str:
        """The line as SVG draws it."""
        return "M" + "L".join(f"{point.x} {point.y}" for point in self.points)

    @property
    def area(self) -> str:
        """What lies below it."""
        return f"{self.outline}L{self.points[-1].x} 100L{self.points[0].x} 100Z"


def line(places: Sequence[int], numbers: Sequence[int]) -> Line:
    """A line over places in order, such as days, with the gaps between them as wide as they are; one at least."""
    top, width = ceiling(max(numbers)), max(places[-1] - places[0], 1)
    across = [round(100.0 * (place - places[0]) / width, 3) for place in places]
    between = [(one + other) / 2 for one, other in pairwise(across)]
    lefts, rights = [0.0, *between], [*between, 100.0]
    heights = [round(100.0 - 100.0 * max(number, 0) / top, 3) for number in numbers]
    points = zip(across, heights, lefts, rights, strict=True)
    return Line(top, tuple(Point(x, y, left, round(right - left, 3)) for x, y, left, right in points))


def ceiling(number: int) -> int:
    """The next round number, ten at least, so that quiet days do not look like busy ones; its half is whole."""
    step = 10
    while number > 8 * step:
        step *= 10
    return next(round_number * step for round_number in (1, 2, 3, 4, 6, 8) if number <= round_number * step)
