"""The features of many texts at once, as numbers: what `features` gives for each, in a fraction of the time."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.knowledge.features import (
    CONCEPT_WEIGHT,
    MOST_PAIRED,
    PAIR_OF_CONCEPTS_WEIGHT,
    PAIR_OF_SIGNS_WEIGHT,
    SIGN_WEIGHT,
    SOUND_WEIGHT,
    STEM_WEIGHT,
    Concepts,
    stem,
)
from services.knowledge.sounds import sound
from services.knowledge.sparse import Cells, Floats, Ints
from services.knowledge.text import units

Numbers = NDArray[np.int64]

END = "\n"
"""Stands in no cleaned text."""

HALF = 32
"""Bits of each number of a pair."""


HASHES = 1 << 20


@dataclass(frozen=True)
class _Block:
    """Features of one kind: in which rows they stand, row after row, and their numbers, which `name` can word."""

    rows: Ints
    numbers: Numbers
    weight: float
    name: Callable[[int], str]

    def once(self) -> tuple["_Block", list[str]]:
        """Each feature of a row where it first stands, numbered from 0 on; and their names."""
        found, places = np.unique(self.numbers, return_inverse=True)
        _, first = np.unique(self.rows * np.int64(len(found)) + places, return_index=True)
        first.sort()
        return _Block(self.rows[first], places[first], self.weight, self.name), list(map(self.name, found.tolist()))


def read(texts: Sequence[str], concepts: Concepts) -> tuple[list[str], Cells]:
    """All features in the order of their first use, and of each cleaned text the numbers in that order."""
    blocks: list[tuple[Ints, Numbers, Floats]] = []
    names: list[str] = []
    for block, named in (block.once() for block in (*_named(texts, concepts), *_spelt(texts))):
        blocks.append((block.rows, block.numbers + len(names), np.full(len(block.rows), block.weight, np.float32)))
        names += named
    rows, numbers, weights = (np.concatenate(each) for each in zip(*blocks, strict=True))
    order = np.argsort(rows, kind="stable")
    numbers = numbers[order]
    first = np.empty(len(names), np.int64)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    used = np.argsort(first)
    places = np.empty(len(names), np.int32)
    places[used] = np.arange(len(names), dtype=np.int32)
    return [names[number] for number in used.tolist()], Cells(rows[order], places[numbers], weights[order], len(texts))


def _named(texts: Sequence[str], concepts: Concepts) -> Iterable[_Block]:
    """Concepts in the order of their names, and pairs of the first few."""
    names = sorted(concepts.names)
    rows, ranks = _worded(texts, concepts, names)
    yield _Block(rows, ranks, CONCEPT_WEIGHT, lambda rank: f"c:{names[rank]}")
    firsts = np.searchsorted(rows, rows)
    close = np.flatnonzero(np.arange(len(rows)) - firsts < MOST_PAIRED)
    rows, ranks = rows[close], ranks[close]
    pairs = [np.flatnonzero(rows[:-apart] == rows[apart:]) for apart in range(1, MOST_PAIRED)]
    left, right = np.concatenate(pairs), np.concatenate([each + apart for apart, each in enumerate(pairs, 1)])
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    yield _Block(rows[left], ranks[left] << HALF | ranks[right], PAIR_OF_CONCEPTS_WEIGHT, _pair(names, "c:", "&"))


def _worded(texts: Sequence[str], concepts: Concepts, names: Sequence[str]) -> tuple[Ints, Numbers]:
    """Each row with the ranks of the concepts that it words, each once and in order."""
    rank = {name: place for place, name in enumerate(names)}
    starts, ranks = array("q"), array("q")
    joined = END.join(texts)
    for start, _, found in concepts.hits(joined, _beginnings(joined, concepts)):
        starts.extend([start] * len(found))
        ranks.extend(map(rank.__getitem__, found))
    begins = np.cumsum([0, *(len(text) + 1 for text in texts)])
    rows = np.searchsorted(begins, np.array(starts, np.int64), side="right") - 1
    pairs = np.unique(rows * len(names) + np.array(ranks, np.int64))
    return (pairs // len(names)).astype(np.int32), pairs % len(names)


def _beginnings(text: str, concepts: Concepts) -> list[int]:
    """Where a wording may begin: where its first two signs stand, or such as have the same hash."""
    signs, asked = _signs(text + END), list(concepts.by_wording)
    begun = np.zeros(HASHES, np.bool_)
    begun[_hashes(_signs("".join(map(_two, asked))))[::2]] = True
    single = np.isin(signs[:-1], _signs("".join(wording for wording in asked if len(wording) == 1)))
    places: list[int] = np.flatnonzero(begun[_hashes(signs)] | single).tolist()
    return places


def _two(wording: str) -> str:
    return (wording + END)[:2]


def _signs(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _hashes(signs: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """One of each sign and the next."""
    hashes: NDArray[np.uint32] = (signs[:-1] * np.uint32(4099) + signs[1:]) % np.uint32(HASHES)
    return hashes


def _spelt(texts: Sequence[str]) -> Iterable[_Block]:
    """Units, neighbouring pairs of them, pairs of their sounds, and stems of long words."""
    words, rows, numbers = _units(texts)
    yield _Block(rows, numbers, SIGN_WEIGHT, words.__getitem__)
    beside = np.flatnonzero(rows[:-1] == rows[1:])
    left, right = numbers[beside], numbers[beside + 1]
    yield _Block(rows[beside], left << HALF | right, PAIR_OF_SIGNS_WEIGHT, _pair(words, "", " "))
    sounds, heard = _renamed(map(sound, words))
    yield _Block(rows[beside], heard[left] << HALF | heard[right], SOUND_WEIGHT, _pair(sounds, "p:", " "))
    stems, cut = _renamed(stem(word) or "" for word in words)
    long = np.flatnonzero(np.array([bool(each) for each in stems], np.bool_)[cut[numbers]])
    yield _Block(rows[long], cut[numbers[long]], STEM_WEIGHT, lambda number: f"s:{stems[number]}")


def _units(texts: Sequence[str]) -> tuple[list[str], Ints, Numbers]:
    """All units, and of each text, row after row, their numbers."""
    words: defaultdict[str, int] = defaultdict()
    words.default_factory = words.__len__
    numbers, lengths = array("q"), array("i")
    for text in texts:
        parts = units(text)
        numbers.extend(map(words.__getitem__, parts))
        lengths.append(len(parts))
    rows = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    return list(words), rows, np.array(numbers, np.int64)


def _renamed(names: Iterable[str]) -> tuple[list[str], Numbers]:
    """The different names, and for each name its place among them."""
    table: dict[str, int] = {}
    places = [table.setdefault(name, len(table)) for name in names]
    return list(table), np.array(places, np.int64)


def _pair(names: Sequence[str], before: str, between: str) -> Callable[[int], str]:
    return lambda number: f"{before}{names[number >> HALF]}{between}{names[number & (1 << HALF) - 1]}"
