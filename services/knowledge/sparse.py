"""Sparse feature rows in plain numpy arrays; no scientific package is needed at run time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Vector:
    """One text: columns and weights of the features that the vocabulary knows, length 1."""

    columns: Ints
    weights: Floats
    known: float
    """Share, 0 to 1, of the text's weight that lies on features the vocabulary knows."""


@dataclass(frozen=True)
class Vocabulary:
    """Feature → column, with the rarity (inverse document frequency) of each column."""

    columns: Mapping[str, int]
    rarity: Floats
    unseen: float

    @classmethod
    def build(cls, rows: Sequence[Mapping[str, float]]) -> "Vocabulary":
        """Of the feature rows of all documents."""
        counts: dict[str, int] = {}
        for row in rows:
            for name in row:
                counts[name] = counts.get(name, 0) + 1
        counts = {name: count for name, count in counts.items() if count > 1 or not _composed(name)}
        seen = np.fromiter(counts.values(), np.float32, len(counts))
        rarity = np.log((len(rows) + 1) / (seen + 0.5)).astype(np.float32)
        return cls({name: i for i, name in enumerate(counts)}, rarity, float(np.log(len(rows) + 1)))

    def vector(self, row: Mapping[str, float]) -> Vector:
        """A feature row as a vector of length 1 over the known columns."""
        found: list[int] = []
        given: list[float] = []
        strange = 0.0
        for name, weight in row.items():
            column = self.columns.get(name)
            if column is None:
                strange += (weight * self.unseen) ** 2
            else:
                found.append(column)
                given.append(weight)
        columns = np.array(found, np.int32)
        weights = np.array(given, np.float32) * self.rarity[columns]
        square = float(weights @ weights)
        norm = square**0.5 or 1.0
        return Vector(columns, (weights / norm).astype(np.float32), square / ((square + strange) or 1.0))


def _composed(name: str) -> bool:
    """Whether a feature is three units or a pair of concepts; seen once, such a one costs memory and tells nothing."""
    return name.count(" ") > 1 or "&" in name


@dataclass(frozen=True)
class Postings:
    """Rows turned to columns: which rows hold a feature, and how much of it."""

    starts: NDArray[np.int64]
    rows: Ints
    weights: Floats
    count: int

    @classmethod
    def build(cls, vectors: Sequence[Vector], width: int) -> "Postings":
        """Of row vectors over `width` columns."""
        columns = np.concatenate([v.columns for v in vectors])
        rows = np.repeat(np.arange(len(vectors), dtype=np.int32), [len(v.columns) for v in vectors])
        order = np.argsort(columns, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.bincount(columns, minlength=width))))
        weights = np.concatenate([v.weights for v in vectors])[order]
        return cls(starts, rows[order], weights, len(vectors))

    def products(self, vector: Vector) -> Floats:
        """The inner product of a vector with each row."""
        first = self.starts[vector.columns]
        lengths = self.starts[vector.columns + 1] - first
        ends = np.cumsum(lengths)
        places = np.repeat(first - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)
        weights = self.weights[places] * np.repeat(vector.weights, lengths)
        return np.bincount(self.rows[places], weights, self.count).astype(np.float32)
