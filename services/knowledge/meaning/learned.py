"""What the vectors of the phrasings have taught: a linear softmax classifier over the vector of a question."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.knowledge.sparse import Floats

EPOCHS = 10
STEP = 20.0
MOMENTUM = 0.9
DECAY = 1e-5
AT_ONCE = 128
SEED = 7


@dataclass(frozen=True)
class Meaning:
    """Weights of the vector's places by labels. Vectors of one model lie close together: their centre is taken away."""

    centre: Floats
    weights: Floats

    @classmethod
    def learn(cls, vectors: Floats, owners: Sequence[int], count: int) -> "Meaning":
        """Of the vectors of all texts and the number of each one's label; the same ones give the same weights."""
        centre: Floats = vectors.mean(axis=0)
        return cls(centre, _trained(_from(vectors, centre), np.asarray(owners), count))

    def scores(self, vector: Floats) -> Floats:
        """The logarithm of each label's share, for one vector; the shares sum to 1."""
        powers = _from(vector[None], self.centre)[0] @ self.weights
        scores: Floats = powers - np.logaddexp.reduce(powers)
        return scores


def _from(vectors: Floats, centre: Floats) -> Floats:
    """Directions as seen from the centre; a vector that is the centre has none."""
    away = vectors - centre
    directions: Floats = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), np.float32(1e-6))
    return directions


def _trained(rows: Floats, owners: "np.ndarray[tuple[int], np.dtype[np.int64]]", count: int) -> Floats:
    """Gradient descent with momentum in small batches, the steps growing shorter to nothing."""
    weights = np.zeros((rows.shape[1], count), np.float32)
    moving = np.zeros_like(weights)
    order = np.random.default_rng(SEED)
    starts = range(0, len(rows), AT_ONCE)
    steps = np.linspace(STEP, 0.0, EPOCHS * len(starts), endpoint=False, dtype=np.float32).reshape(EPOCHS, -1)
    for epoch in steps:
        places = order.permutation(len(rows))
        for step, start in zip(epoch, starts, strict=True):
            taken = places[start : start + AT_ONCE]
            moving *= MOMENTUM
            moving += _slope(rows[taken], owners[taken], weights)
            weights -= step * moving
    return weights


def _slope(rows: Floats, owners: "np.ndarray[tuple[int], np.dtype[np.int64]]", weights: Floats) -> Floats:
    powers = rows @ weights
    shares = np.exp(powers - powers.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(rows)), owners] -= 1.0
    slope: Floats = rows.T @ shares / len(rows) + DECAY * weights
    return slope
