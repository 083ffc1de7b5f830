"""Sparse feature rows in plain numpy arrays; no scientific package is needed at run time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

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
    def build(cls, rows: Iterable[Mapping[str, float]]) -> tuple["Vocabulary", list[Vector]]:
        """Of the feature rows of all documents, each read once and let go; also gives the documents' vectors."""
        names: dict[str, int] = {}
        read = [_numbered(row, names) for row in rows]
        counts = np.bincount(np.concatenate([numbers for numbers, _ in read]), minlength=len(names))
        kept = np.fromiter((n > 1 or not _composed(name) for n, name in zip(counts, names, strict=True)), np.bool_)
        rarity = np.log((len(read) + 1) / (counts[kept].astype(np.float32) + 0.5)).astype(np.float32)
        # New strings side by side: those of `names` lie scattered over memory that is given back with all of them.
        columns = "\n".join(compress(names, kept)).split("\n")
        built = cls({name: i for i, name in enumerate(columns)}, rarity, float(np.log(len(read) + 1)))
        places = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        return built, [built._weighed(places[numbers], weights) for numbers, weights in read]

    def vector(self, row: Mapping[str, float]) -> Vector:
        """A feature row as a vector of length 1 over the known columns."""
        columns = np.fromiter((self.columns.get(name, -1) for name in row), np.int32, len(row))
        return self._weighed(columns, np.fromiter(row.values(), np.float32, len(row)))

    def _weighed(self, columns: Ints, given: Floats) -> Vector:
        """Of columns, -1 where a feature has none, and of the features' weights."""
        known = columns >= 0
        strange = float(np.square(given[~known] * self.unseen).sum())
        weights = given[known] * self.rarity[columns[known]]
        square = float(weights @ weights)
        norm = square**0.5 or 1.0
        return Vector(columns[known], (weights / norm).astype(np.float32), square / ((square + strange) or 1.0))


def _numbered(row: Mapping[str, float], names: dict[str, int]) -> tuple[Ints, Floats]:
    """The numbers of a row's features, given out as features come up, and their weights."""
    numbers = np.fromiter((names.setdefault(name, len(names)) for name in row), np.int32, len(row))
    return numbers, np.fromiter(row.values(), np.float32, len(row))


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
