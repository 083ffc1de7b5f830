"""Sparse feature rows in plain numpy arrays; no scientific package is needed at run time."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, repeat

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


Row = Mapping[str, float]


@dataclass(frozen=True)
class Vector:
    """One text: columns and weights of the features that the vocabulary knows, length 1."""

    columns: Ints
    weights: Floats
    known: float
    """Share, 0 to 1, of the text's weight that lies on features the vocabulary knows."""


@dataclass(frozen=True)
class Vectors:
    """Those of many texts, in one row of cells: those of each text end where those of the next begin."""

    columns: Ints
    weights: Floats
    ends: NDArray[np.int64]
    known: Floats

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many cells each text has."""
        return np.diff(self.ends, prepend=0)

    def some(self, places: NDArray[np.integer]) -> "Vectors":
        """Those of the texts at some places, in that order."""
        lengths = self.lengths[places]
        ends = lengths.cumsum()
        cells = np.repeat(self.ends[places] - ends, lengths) + np.arange(lengths.sum())
        return Vectors(self.columns[cells], self.weights[cells], ends, self.known[places])

    def __getitem__(self, place: int) -> Vector:
        cells = slice(self.ends[place - 1] if place else 0, self.ends[place])
        return Vector(self.columns[cells], self.weights[cells], float(self.known[place]))

    def __iter__(self) -> Iterator[Vector]:
        return map(self.__getitem__, range(len(self)))


@dataclass(frozen=True)
class Vocabulary:
    """Feature → column, with the rarity (inverse document frequency) of each column."""

    columns: Mapping[str, int]
    rarity: Floats
    unseen: float

    @classmethod
    def build(cls, names: Sequence[str], cells: "Cells", joints: str = "&") -> tuple["Vocabulary", Vectors]:
        """Of the features of all documents, by name, and where they stand; also gives the documents' vectors.

        Features made of several, with one of the `joints` between them, are left out where only one document has them:
        such a one costs memory and tells nothing.
        """
        counts = np.bincount(cells.columns, minlength=len(names))
        made = (any(joint in name for joint in joints) for name in names)
        kept = np.fromiter((n > 1 or not joined for n, joined in zip(counts, made, strict=True)), np.bool_)
        rarity = np.log((cells.count + 1) / (counts[kept].astype(np.float32) + 0.5)).astype(np.float32)
        # New strings side by side: those of `names` lie scattered over memory that is given back with all of them.
        columns = "\n".join(compress(names, kept)).split("\n")
        built = cls({name: i for i, name in enumerate(columns)}, rarity, float(np.log(cells.count + 1)))
        places = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        return built, built._vectors(replace(cells, columns=places[cells.columns]))

    def vector(self, row: Row) -> Vector:
        """A feature row as a vector of length 1 over the known columns: what `vectors` gives, quicker for one alone."""
        places = np.array([self.columns.get(name, -1) for name in row], np.int32)
        weights = np.fromiter(row.values(), np.float32, len(row))
        known = places >= 0
        columns = places[known]
        strange = _square(weights[~known] * self.unseen)
        weights = weights[known] * self.rarity[columns]
        square = _square(weights)
        return Vector(columns, weights / np.sqrt(square or np.float32(1)), float(square / (square + strange or 1)))

    def vectors(self, names: Sequence[str], cells: "Cells") -> Vectors:
        """Of other documents, as for `build`."""
        places = np.fromiter(map(self.columns.get, names, repeat(-1)), np.int32, len(names))
        return self._vectors(replace(cells, columns=places[cells.columns]))

    def _vectors(self, cells: "Cells") -> Vectors:
        """Of rows in which a feature without a column has -1 for it."""
        known = cells.columns >= 0
        strange = cells.squares(np.where(known, 0, cells.weights * self.unseen))
        weights = np.where(known, cells.weights * self.rarity[cells.columns], 0)
        squares = cells.squares(weights)
        weights /= np.sqrt(np.where(squares > 0, squares, 1))[cells.rows]
        ends = np.cumsum(np.bincount(cells.rows[known], minlength=cells.count))
        shares = squares / np.where(squares + strange > 0, squares + strange, 1)
        return Vectors(cells.columns[known], weights[known], ends, shares.astype(np.float32))


@dataclass(frozen=True)
class Cells:
    """What stands in rows: of each cell the row, in order, the column and the weight; `count` rows there are."""

    rows: Ints
    columns: Ints
    weights: Floats
    count: int

    @classmethod
    def read(cls, rows: Iterable[Row]) -> tuple[list[str], "Cells"]:
        """All features in the order of their first use, and the rows, each read once and let go, in such numbers."""
        names: defaultdict[str, int] = defaultdict()
        names.default_factory = names.__len__
        columns, weights, lengths = array("i"), array("f"), array("i")
        for row in rows:
            columns.extend(map(names.__getitem__, row))
            weights.extend(row.values())
            lengths.append(len(row))
        owners = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        cells = cls(owners, np.array(columns, np.int32), np.array(weights, np.float32), len(lengths))
        return list(names), cells

    def squares(self, weights: Floats) -> Floats:
        """The sum of the squares of each row's weights."""
        return np.bincount(self.rows, np.square(weights), self.count).astype(np.float32)


def _square(weights: Floats) -> np.float32:
    return np.float32(np.square(weights).sum(dtype=np.float64))


@dataclass(frozen=True)
class Postings:
    """Rows turned to columns: which rows hold a feature, and how much of it."""

    starts: NDArray[np.int64]
    rows: Ints
    weights: Floats
    count: int

    @classmethod
    def build(cls, vectors: Vectors, width: int) -> "Postings":
        """Of row vectors over `width` columns."""
        rows = np.repeat(np.arange(len(vectors), dtype=np.int32), np.diff(vectors.ends, prepend=0))
        order = np.argsort(vectors.columns, kind="stable")
        columns, rows = vectors.columns[order], rows[order]
        return cls.of(columns, rows, vectors.weights[order], (width, len(vectors)))

    @classmethod
    def of(cls, columns: NDArray[np.integer], rows: Ints, weights: Floats, shape: tuple[int, int]) -> "Postings":
        """Of cells in the order of their columns; `shape` is how many columns and rows there are."""
        starts = np.concatenate(([0], np.cumsum(np.bincount(columns, minlength=shape[0]))))
        return cls(starts, rows, weights, shape[1])

    def summed(self, owners: Sequence[int], count: int) -> "Postings":
        """The sum of the rows of each owner, of whom there are `count`; those of one owner stand together, in order."""
        columns = np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))
        owned = np.asarray(owners, np.int32)[self.rows]
        first = np.ones(len(columns), np.bool_)
        first[1:] = (columns[1:] != columns[:-1]) | (owned[1:] != owned[:-1])
        places = np.flatnonzero(first)
        sums = np.bincount(np.cumsum(first) - 1, self.weights, len(places)).astype(np.float32)
        return Postings.of(columns[places], owned[places], sums, (len(self.starts) - 1, count))

    def products(self, vector: Vector) -> Floats:
        """The inner product of a vector with each row."""
        first = self.starts.take(vector.columns)
        lengths = self.starts.take(vector.columns + 1) - first
        places = (first - lengths.cumsum() + lengths).repeat(lengths)
        places += np.arange(len(places))
        weights = self.weights.take(places)
        weights *= vector.weights.repeat(lengths)
        return np.bincount(self.rows.take(places), weights, self.count).astype(np.float32)
