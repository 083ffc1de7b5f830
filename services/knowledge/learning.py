"""The learned part of the ranking, made from the phrasings at start: how probable each label is for a text.

Up to several hundred entries a linear softmax classifier is trained. It has a weight for each pair of column and
label, 7 GB for 10,000 entries with six wordings each. Beyond, likeness takes its place, which only holds what the texts
hold and ranks nearly as well: over 201 entries the right one came first for 0.945 of questions, beside 0.950.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.knowledge.sparse import Floats, Postings, Vector, Vectors

EPOCHS = 3
ORDERS, ROUNDS = 8, 2
"""Descents that are evened out, and the epochs of each."""
FIRST_STEP = 6.0
SEED = 7
TOGETHER = 64
"""Texts of one step, at most: few share a feature, so that they hardly get into each other's way, and numpy is asked
less often. Of few texts fewer, or there would be too few steps."""
LEARNED = 0.97
"""Share from which a text counts as learned and is passed over, as most are in the later rounds."""
STEEPNESS = 12.0
"""Of likeness: the shares come out about as sure as trained ones."""
BYTE = 127
"""The greatest weight that a byte holds."""
MOST_CELLS = 1 << 26
"""Columns times labels up to which each pair gets a weight: 256 MB while it is trained."""


@dataclass(frozen=True)
class Classifier:
    """Weights of columns by labels, a byte for each and a scale for each column.

    The table is the greatest thing that the process holds.
    """

    weights: NDArray[np.int8]
    scales: Floats

    @classmethod
    def of(cls, weights: Floats) -> "Classifier":
        """Of exact weights, each to within a 254th of the greatest of its column."""
        scales = np.abs(weights).max(axis=1) / np.float32(BYTE)
        scaled = np.rint(weights / np.where(scales > 0, scales, 1)[:, None])
        return cls(scaled.astype(np.int8), scales.astype(np.float32))

    def shares(self, vector: Vector) -> Floats:
        """The probability of each label for a text; the shares sum to 1."""
        weights = vector.weights * self.scales[vector.columns]
        return _softmax(weights @ self.weights[vector.columns].astype(np.float32))


@dataclass(frozen=True)
class Likeness:
    """How much each label's texts hold of each column."""

    held: Postings

    def shares(self, vector: Vector) -> Floats:
        """The probability of each label for a text; the shares sum to 1."""
        return _softmax(self.held.products(vector) * np.float32(STEEPNESS))


def learned(vectors: Vectors, labels: Sequence[int], held: Postings) -> Classifier | Likeness:
    """Of texts, the label of each, and the sums of each label's texts; the same texts give the same shares."""
    width, count = len(held.starts) - 1, held.count
    return trained(vectors, labels, width, count) if width * count <= MOST_CELLS else likened(labels, held)


def likened(labels: Sequence[int], held: Postings) -> Likeness:
    """The roots of the mean weights over a label's texts: what stands in few of them counts too, but less."""
    means = held.weights / np.bincount(labels, minlength=held.count)[held.rows]
    return Likeness(replace(held, weights=np.sqrt(means).astype(np.float32)))


def trained(vectors: Vectors, labels: Sequence[int], width: int, count: int) -> Classifier:
    """Stochastic gradient descent in a fixed order."""
    return Classifier.of(_descended(vectors, labels, np.zeros((width, count), np.float32), EPOCHS))


def steadied(vectors: Vectors, labels: Sequence[int], width: int, count: int) -> Classifier:
    """The mean of several descents, each in an order of its own: what one order happens to weigh more is evened out.

    For few labels only, for it takes as long as they together.
    """
    total = np.zeros((width, count), np.float32)
    for seed in range(SEED, SEED + ORDERS):
        total += _descended(vectors, labels, np.zeros((width, count), np.float32), ROUNDS, seed)
    return Classifier.of(total / np.float32(ORDERS))


def _descended(vectors: Vectors, labels: Sequence[int], weights: Floats, epochs: int, seed: int = SEED) -> Floats:
    order, owners, told = np.random.default_rng(seed), np.asarray(labels), np.flatnonzero(vectors.lengths)
    together = max(1, min(TOGETHER, len(told) // TOGETHER))
    for epoch in range(epochs):
        step = np.float32(FIRST_STEP / (1 + epoch))
        shuffled = order.permutation(told)
        for first in range(0, len(shuffled), together):
            texts = shuffled[first : first + together]
            _step(vectors.some(texts), owners[texts], weights, step)
    return weights


def _step(texts: Vectors, labels: NDArray[np.integer], weights: Floats, step: np.float32) -> None:
    """One step down for texts with features, but for those that are learned."""
    lengths = texts.lengths
    error = _softmax(np.add.reduceat(weights[texts.columns] * texts.weights[:, None], texts.ends - lengths))
    own = np.arange(len(texts)), labels
    left = np.repeat(error[own] <= LEARNED, lengths)
    error[own] -= 1.0
    rows = np.repeat(own[0], lengths)[left]
    np.subtract.at(weights, texts.columns[left], error[rows] * (texts.weights[left] * step)[:, None])


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares
