"""What a text is by the texts near it."""

import numpy as np

from services.knowledge.neighbours import LEAST, MOST_HOLDERS, Neighbours
from services.knowledge.sparse import Cells, Vector, Vocabulary

BEREFT, ASKING = 0, 1


def _learned() -> tuple[Neighbours, Vocabulary]:
    told = [(BEREFT, {"money": 1.0, "gone": 1.0}), (ASKING, {"money": 1.0, "when": 1.0})]
    common = [(ASKING, {"the": 1.0, f"word{number}": 1.0}) for number in range(MOST_HOLDERS + 1)]
    vocabulary, vectors = Vocabulary.build(*Cells.read(row for _, row in (*told, *common)))
    labels = [label for label, _ in (*told, *common)]
    return Neighbours.build(vectors, labels, len(vocabulary.columns)), vocabulary


def test_one_text_that_is_near_speaks_for_its_label_among_many_of_another() -> None:
    neighbours, vocabulary = _learned()
    shares = neighbours.shares(vocabulary.vector({"gone": 1.0, "money": 1.0}), 3)
    assert shares[BEREFT] > 0.99
    assert shares[ASKING] >= LEAST
    assert shares[2] == np.float32(LEAST)


def test_common_and_unknown_features_tell_nothing() -> None:
    neighbours, vocabulary = _learned()
    unknown = Vector(np.array([], np.int32), np.array([], np.float32), 0.0)
    for vector in (vocabulary.vector({"the": 1.0}), unknown):
        np.testing.assert_allclose(neighbours.shares(vector, 3), LEAST)
