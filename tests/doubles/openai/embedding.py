"""Vectors without a model: texts that share signs and pairs of signs lie close together."""

import zlib
from itertools import pairwise

import numpy as np

WIDTH = 256


def embedded(text: str) -> list[float]:
    """The vector of a text, of length 1; the same in every process."""
    row = np.full(WIDTH, 0.01)
    for part in [*text, *map("".join, pairwise(text))]:
        row[zlib.crc32(part.encode()) % WIDTH] += 1.0
    numbers: list[float] = (row / np.linalg.norm(row)).tolist()
    return numbers
