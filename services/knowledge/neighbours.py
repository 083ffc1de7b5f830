"""Tells what a text is by the few texts of all that were learned from that share most of its rare features.

It errs otherwise than weights do: one example speaks for what is said almost alike, whatever its signs mean elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.knowledge.sparse import Floats, Ints, Postings, Vector, Vectors

MOST_HOLDERS = 100
"""Texts that may hold a feature for it to count here: common ones tell little and cost most of the time."""
FAINT = 0.1
"""Likeness up to which a text is not near at all."""
NEAREST = 15
STEEPNESS = 30.0
LEAST = 1e-3
"""Share of a label that no near text has: that nobody wrote it yet rules nothing out."""


@dataclass(frozen=True)
class Neighbours:
    """The texts by their rare features, and the label of each."""

    texts: Postings
    labels: Ints

    @classmethod
    def build(cls, vectors: Vectors, labels: Sequence[int], width: int) -> "Neighbours":
        """Of texts over `width` columns and the label of each."""
        whole = Postings.build(vectors, width)
        holders = np.diff(whole.starts)
        columns = np.repeat(np.arange(width, dtype=np.int32), holders)
        rare = holders[columns] <= MOST_HOLDERS
        texts = Postings.of(columns[rare], whole.rows[rare], whole.weights[rare], (width, whole.count))
        return cls(texts, np.array(labels, np.int32))

    def shares(self, vector: Vector, count: int) -> Floats:
        """The share of each of `count` labels among the nearest texts, `LEAST` at least; equal where none is near."""
        likeness = self.texts.products(vector)
        nearest = np.flatnonzero(likeness > FAINT)
        if len(nearest) > NEAREST:
            nearest = nearest[np.argpartition(-likeness[nearest], NEAREST)[:NEAREST]]
        weights = np.exp(likeness[nearest] * np.float32(STEEPNESS))
        sums = np.bincount(self.labels[nearest], weights, count)
        shares: Floats = np.maximum(sums / (sums.sum() or 1.0), LEAST).astype(np.float32)
        return shares
