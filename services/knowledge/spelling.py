"""Puts right single signs that were typed for others of the same sound, as far as what is known tells."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import add

from services.knowledge.sounds import FIRST, LAST, sound

LEAST = 5
"""How often the sign put in must stand beside its neighbours in known texts; with less, rare words turn into common."""


@dataclass(frozen=True)
class Spelling:
    """Which signs stand side by side in known texts, and which signs sound alike."""

    pairs: Mapping[str, int]
    alike: Mapping[str, Sequence[str]]

    @classmethod
    def build(cls, texts: Iterable[str]) -> "Spelling":
        """Of cleaned texts."""
        joined = "\n".join(texts)
        pairs = Counter(map(add, joined, islice(joined, 1, None)))
        return cls.of({pair: count for pair, count in pairs.items() if all(map(_chinese, pair))})

    @classmethod
    def of(cls, pairs: Mapping[str, int]) -> "Spelling":
        """Of pairs of signs with how often they stand in known texts."""
        alike: dict[str, list[str]] = {}
        for sign in dict.fromkeys("".join(pairs)):
            alike.setdefault(sound(sign), []).append(sign)
        return cls(pairs, alike)

    def corrected(self, text: str) -> str:
        """A cleaned text with signs changed that stand beside neither neighbour in any known text."""
        signs = list(text)
        for place, sign in enumerate(signs):
            if _chinese(sign):
                before = signs[place - 1] if place and _chinese(signs[place - 1]) else ""
                after = signs[place + 1] if place + 1 < len(signs) and _chinese(signs[place + 1]) else ""
                if (before or after) and not self._beside(before, sign, after):
                    signs[place] = self._likely(before, sign, after)
        return "".join(signs)

    def _likely(self, before: str, sign: str, after: str) -> str:
        others = self.alike.get(sound(sign), ())
        best = max(others, key=lambda other: self._beside(before, other, after), default=sign)
        return best if self._beside(before, best, after) >= LEAST else sign

    def _beside(self, before: str, sign: str, after: str) -> int:
        left = self.pairs.get(before + sign, 0) if before else 0
        return left + (self.pairs.get(sign + after, 0) if after else 0)


def _chinese(sign: str) -> bool:
    return FIRST <= ord(sign) <= LAST
