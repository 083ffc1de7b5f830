"""The geometry of charts: nothing is lost, nothing overlaps, and the edge is a round number."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.charts import bar, ceiling, line, stacked

ROWS = st.lists(st.tuples(*[st.integers(0, 10**6)] * 4), max_size=12)


@given(ROWS)
def test_columns_stand_on_the_ground_and_end_below_the_edge(rows: list[tuple[int, ...]]) -> None:
    chart = stacked(rows)
    assert len(chart.columns) == len(rows)
    for row, column in zip(rows, chart.columns, strict=True):
        heights = sum(piece.length for piece in column.pieces)
        assert heights == pytest.approx(100 * sum(row) / chart.top, abs=0.01)
        assert all(piece.start >= -0.01 for piece in column.pieces)
        if column.pieces:
            assert column.pieces[0].start + column.pieces[0].length == pytest.approx(100, abs=0.01)
        assert [piece.series for piece in column.pieces] == [place for place, number in enumerate(row) if number]


@given(st.lists(st.integers(0, 1000), max_size=5))
def test_pieces_of_a_bar_follow_one_another(row: list[int]) -> None:
    pieces = bar(row, sum(row))
    for one, other in pairwise(pieces):
        assert other.start == pytest.approx(one.start + one.length, abs=0.01)
    assert sum(piece.length for piece in pieces) == pytest.approx(100 if sum(row) else 0, abs=0.01)


@given(st.integers(0, 10**9))
def test_the_edge_is_round_and_near(number: int) -> None:
    top = ceiling(number)
    assert max(number, 10) <= top <= max(2 * number, 10)
    assert top % 2 == 0
    assert str(top).rstrip("0") in {"1", "2", "3", "4", "6", "8"}


@given(st.dictionaries(st.integers(0, 10**4), st.integers(0, 10**9), min_size=1, max_size=9))
def test_a_line_keeps_its_places_and_heights(known: dict[int, int]) -> None:
    places, numbers = zip(*sorted(known.items()), strict=True)
    chart = line(places, numbers)
    assert [point.x for point in chart.points] == sorted(point.x for point in chart.points)
    assert sum(point.width for point in chart.points) == pytest.approx(100, abs=0.1)
    for point, number in zip(chart.points, numbers, strict=True):
        assert point.y == pytest.approx(100 - 100 * number / chart.top, abs=0.01)
    assert chart.outline.count("L") == len(places) - 1
