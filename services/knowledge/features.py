"""Turns a cleaned text into weighted features: signs, pairs of them, concepts and sounds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

from services.knowledge.sounds import sound
from services.knowledge.text import units

SIGN_WEIGHT = 2.2
"""What is asked is told by which signs a text holds, far more than by their order: see decision record 24."""

PAIR_OF_SIGNS_WEIGHT = 1.0
CONCEPT_WEIGHT = 1.6
PAIR_OF_CONCEPTS_WEIGHT = 1.0
SOUND_WEIGHT = 0.4
STEM_WEIGHT = 1.0
STEM_LENGTH = 5
MOST_PAIRED = 8
"""Concepts of one text that are paired; a long text must not grow by the square."""


@dataclass(frozen=True, slots=True)
class Span:
    """A wording in a text, from `start` to before `end`, and the concepts that it names."""

    start: int
    end: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Concepts:
    """Finds the concepts of a text by their wordings."""

    by_wording: Mapping[str, tuple[str, ...]]
    lengths: Mapping[str, tuple[int, ...]]
    """First two signs → how long the wordings are that may stand there; of a wording that is one sign, that alone."""

    @classmethod
    def build(cls, concepts: Mapping[str, Iterable[str]]) -> "Concepts":
        """Of a table concept → wordings, already cleaned."""
        table: dict[str, tuple[str, ...]] = {}
        for name, wordings in concepts.items():
            for wording in wordings:
                table[wording] = (*table.get(wording, ()), name)
        lengths: dict[str, set[int]] = {}
        for wording in table:
            lengths.setdefault(wording[:2], {1} if wording[:1] in table else set()).add(len(wording))
        return cls(table, {sign: tuple(sorted(each)) for sign, each in lengths.items()})

    def found(self, text: str) -> set[str]:
        """Names of all concepts worded in a cleaned text."""
        return {name for _, _, names in self.hits(text) for name in names}

    def spans(self, text: str) -> Iterator[Span]:
        """Every wording in a cleaned text with its place; wordings may overlap."""
        return (Span(start, end, names) for start, end, names in self.hits(text))

    @property
    def names(self) -> set[str]:
        """All concepts."""
        return {name for names in self.by_wording.values() for name in names}

    def hits(self, text: str, starts: Iterable[int] | None = None) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """The place of every wording, from its start to before its end, and what it names.

        `starts`: where one may begin, if that is known; elsewhere none is looked for.
        """
        for start in range(len(text)) if starts is None else starts:
            two = text[start : start + 2]
            for end in (start + length for length in self.lengths.get(two) or self.lengths.get(two[:1], ())):
                hit = self.by_wording.get(text[start:end])
                if hit and end <= len(text) and not _inside_word(text, start, end):
                    yield start, end, hit


def _inside_word(text: str, start: int, end: int) -> bool:
    """Whether a Latin wording is only a part of a longer Latin word."""
    before = start > 0 and _latin(text[start]) and _latin(text[start - 1])
    return before or (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))


def _latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def features(text: str, concepts: Concepts) -> dict[str, float]:
    """Feature → weight of a cleaned text, before the rarity of each feature is counted in."""
    names = sorted(concepts.found(text))
    found = {f"c:{name}": CONCEPT_WEIGHT for name in names}
    found |= {f"c:{left}&{right}": PAIR_OF_CONCEPTS_WEIGHT for left, right in combinations(names[:MOST_PAIRED], 2)}
    parts = units(text)
    found |= dict.fromkeys(parts, SIGN_WEIGHT)
    found |= dict.fromkeys(map(" ".join, pairwise(parts)), PAIR_OF_SIGNS_WEIGHT)
    sounds = [sound(part) for part in parts]
    for left, right in pairwise(sounds):
        found[f"p:{left} {right}"] = SOUND_WEIGHT
    for part in filter(None, map(stem, parts)):
        found[f"s:{part}"] = STEM_WEIGHT
    return found


def stem(unit: str) -> str | None:
    """The beginning of a long Latin word; of another unit None."""
    return unit[:STEM_LENGTH] if len(unit) > STEM_LENGTH and _latin(unit[0]) else None
