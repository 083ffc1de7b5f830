"""The learned part of the ranking: a linear softmax classifier, trained from the phrasings at start."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.knowledge.sparse import Floats, Vector

EPOCHS = 3
FIRST_STEP = 6.0
SEED = 7
LEARNED = 0.97
"""Share from which a text counts as learned and is passed over, as most are in the later rounds."""


@dataclass(frozen=True)
class Classifier:
    """Weights of columns by labels, in half precision: the table is the greatest thing that the process holds."""

    weights: NDArray[np.float16]

    def shares(self, vector: Vector) -> Floats:
        """The probability of each label for a text; the shares sum to 1."""
        return _softmax(vector.weights @ self.weights[vector.columns].astype(np.float32))


def train(vectors: Sequence[Vector], labels: Sequence[int], width: int, count: int) -> Classifier:
    """Stochastic gradient descent in a fixed order: the same texts give the same weights."""
    weights = np.zeros((width, count), np.float32)
    order = np.random.default_rng(SEED)
    for epoch in range(EPOCHS):
        step = FIRST_STEP / (1 + epoch)
        for i in order.permutation(len(vectors)):
            vector = vectors[i]
            rows = weights[vector.columns]
            error = _softmax(vector.weights @ rows)
            if error[labels[i]] > LEARNED:
                continue
            error[labels[i]] -= 1.0
            rows -= np.outer(vector.weights * step, error)
            weights[vector.columns] = rows
    return Classifier(weights.astype(np.float16))


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max())
    shares: Floats = powers / powers.sum()
    return shares
