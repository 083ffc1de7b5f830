"""Sparse rows against their plain definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.sparse import Postings, Vector

WIDTH = 7
weights = st.floats(0.125, 1.0, width=32)
rows = st.dictionaries(st.integers(0, WIDTH - 1), weights)


def vector(row: dict[int, float]) -> Vector:
    return Vector(np.array(list(row), np.int32), np.array(list(row.values()), np.float32), 1.0)


@given(st.lists(rows, min_size=1, max_size=6), rows)
def test_products_are_inner_products(held: list[dict[int, float]], asked: dict[int, float]) -> None:
    found = Postings.build([vector(row) for row in held], WIDTH).products(vector(asked))
    plain = [sum(weight * row.get(column, 0.0) for column, weight in asked.items()) for row in held]
    np.testing.assert_allclose(found, plain, rtol=1e-5, atol=1e-6)
    assert found.dtype == np.float32
