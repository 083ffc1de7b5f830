"""Sparse rows against their plain definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.sparse import Cells, Postings, Vector, Vectors, Vocabulary

WIDTH = 7
weights = st.floats(0.125, 1.0, width=32)
rows = st.dictionaries(st.integers(0, WIDTH - 1), weights)


named = st.dictionaries(st.sampled_from(["a", "b", "c", "b c d", "strange"]), weights)


def vector(row: dict[int, float]) -> Vector:
    return Vector(np.array(list(row), np.int32), np.array(list(row.values()), np.float32), 1.0)


def vectors(held: list[dict[int, float]]) -> Vectors:
    cells = [np.array([cell for row in held for cell in each(row)]) for each in (dict.keys, dict.values)]
    ends = np.cumsum([len(row) for row in held])
    return Vectors(cells[0].astype(np.int32), cells[1].astype(np.float32), ends, np.ones(len(held), np.float32))


@given(st.lists(rows, min_size=1, max_size=6), rows)
def test_products_are_inner_products(held: list[dict[int, float]], asked: dict[int, float]) -> None:
    postings = Postings.build(vectors(held), WIDTH)
    found = postings.products(vector(asked))
    plain = [sum(weight * row.get(column, 0.0) for column, weight in asked.items()) for row in held]
    np.testing.assert_allclose(found, plain, rtol=1e-5, atol=1e-6)
    assert found.dtype == np.float32
    owners = [place // 2 for place in range(len(held))]
    summed = np.bincount(owners, plain, len(held))
    np.testing.assert_allclose(postings.summed(owners, len(held)).products(vector(asked)), summed, rtol=1e-5, atol=1e-6)


@given(st.lists(named, min_size=1, max_size=6))
def test_the_vectors_of_many_rows_are_those_of_each(read: list[dict[str, float]]) -> None:
    vocabulary, built = Vocabulary.build(*Cells.read([*read, {"a": 1.0}]))
    for row, given_then in zip(read, built, strict=False):
        alone = vocabulary.vector(row)
        np.testing.assert_array_equal(alone.columns, given_then.columns)
        np.testing.assert_allclose(alone.weights, given_then.weights, rtol=1e-5)
        assert len(alone.columns) == 0 or abs(np.linalg.norm(alone.weights) - 1) < 1e-5


def test_what_is_not_known_of_a_row_counts_by_the_greatest_rarity() -> None:
    vocabulary, _ = Vocabulary.build(*Cells.read([{"a": 1.0}, {"b": 1.0}, {"a": 1.0, "b": 0.5}]))
    half, none = vocabulary.vector({"a": 1.0, "new": 1.0}), vocabulary.vector({"new": 1.0})
    rarity, unseen = float(vocabulary.rarity[vocabulary.columns["a"]]), vocabulary.unseen
    assert abs(half.known - rarity**2 / (rarity**2 + unseen**2)) < 1e-6
    assert (half.columns.tolist(), none.columns.tolist(), none.known) == ([vocabulary.columns["a"]], [], 0.0)
