"""Both ways to learn tell the labels of what they learned from, the same each time."""

from collections.abc import Callable

import numpy as np
import pytest

from services.knowledge import learning
from services.knowledge.learning import Classifier, Likeness, learned, likened, steadied, trained
from services.knowledge.sparse import Cells, Postings, Vector, Vectors, Vocabulary

TEXTS = [
    ("open", {"open": 1.0, "account": 1.0}),
    ("open", {"open": 1.0, "new": 1.0}),
    ("close", {"close": 1.0, "account": 1.0}),
    ("fees", {"fees": 1.0, "how": 0.5}),
    ("fees", {"commission": 1.0, "how": 0.5, "account": 0.2}),
]
LABELS = ["open", "close", "fees"]

Taught = tuple[Vectors, list[int], Postings]
Train = Callable[[Vectors, list[int], Postings], Classifier | Likeness]

TRAINS: dict[str, Train] = {
    "trained": lambda vectors, labels, held: trained(vectors, labels, len(held.starts) - 1, held.count),
    "steadied": lambda vectors, labels, held: steadied(vectors, labels, len(held.starts) - 1, held.count),
    "likened": lambda _, labels, held: likened(labels, held),
}


@pytest.fixture
def taught() -> Taught:
    vocabulary, vectors = Vocabulary.build(*Cells.read(row for _, row in TEXTS))
    labels = [LABELS.index(label) for label, _ in TEXTS]
    return vectors, labels, Postings.build(vectors, len(vocabulary.columns)).summed(labels, len(LABELS))


@pytest.mark.parametrize("train", TRAINS.values(), ids=TRAINS)
def test_what_was_learned_is_told(train: Train, taught: Taught) -> None:
    vectors, labels, *_ = taught
    model, again = train(*taught), train(*taught)
    for vector, label in zip(vectors, labels, strict=True):
        shares = model.shares(vector)
        assert int(np.argmax(shares)) == label
        assert abs(float(shares.sum()) - 1) < 1e-5
        np.testing.assert_array_equal(shares, again.shares(vector))


@pytest.mark.parametrize("train", TRAINS.values(), ids=TRAINS)
def test_a_text_without_known_features_is_as_likely_anything(train: Train, taught: Taught) -> None:
    nothing = Vector(np.array([], np.int32), np.array([], np.float32), 0.0)
    np.testing.assert_allclose(train(*taught).shares(nothing), 1 / len(LABELS), rtol=1e-5)


def test_weights_kept_as_bytes_are_nearly_exact() -> None:
    exact = np.array([[3.0, -1.0, 0.01], [0.0, 0.0, 0.0], [-0.2, 0.1, 0.05]], np.float32)
    kept = Classifier.of(exact)
    greatest = np.abs(exact).max(axis=1, keepdims=True)
    assert kept.weights.dtype == np.int8
    assert np.all(np.abs(kept.weights * kept.scales[:, None] - exact) <= greatest / 253)


@pytest.mark.parametrize("count", [3, 700])
def test_few_texts_and_many_are_learned_alike_well(count: int) -> None:
    rows = [(place % 3, {f"word{place % 3}": 1.0, f"own{place}": 0.5}) for place in range(count * 3)]
    vocabulary, vectors = Vocabulary.build(*Cells.read(row for _, row in rows))
    model = trained(vectors, [label for label, _ in rows], len(vocabulary.columns), 3)
    told = [int(np.argmax(model.shares(vectors[place]))) for place in range(len(rows))]
    assert told == [label for label, _ in rows]


def test_so_many_labels_that_weights_for_all_are_too_many_are_told_by_likeness(
    taught: Taught, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(learned(*taught), Classifier)
    monkeypatch.setattr(learning, "MOST_CELLS", 10)
    assert isinstance(learned(*taught), Likeness)
