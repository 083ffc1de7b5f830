"""Folds a text into the form in which it is compared, keeping track of where each sign came from.

Full width becomes half, traditional characters simplified, capitals small; blanks, emoji, invisible signs and the
lexicon's separators go. Between two digits they stay, since numbers that stand side by side are not one number.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

INVISIBLE = frozenset({"Cf", "Cs", "Mn", "Me"})
BLANK = frozenset({"Cc", "Zs", "Zl", "Zp", "So", "Sk"})


@dataclass(frozen=True, slots=True)
class Sign:
    """One folded sign, the index in the original it came from, and the number of its sentence."""

    sign: str
    origin: int
    sentence: int
    separates: bool


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and the signs it is made of."""

    text: str
    signs: tuple[Sign, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text behind a span of the folded one, which must not be empty."""
        return self.signs[start].origin, self.signs[end - 1].origin + 1

    def sentences(self, start: int, end: int) -> tuple[int, int]:
        """The folded span widened to whole sentences."""
        first, last = self.signs[start].sentence, self.signs[end - 1].sentence
        while start > 0 and self.signs[start - 1].sentence == first:
            start -= 1
        while end < len(self.signs) and self.signs[end].sentence == last:
            end += 1
        return start, end


@dataclass(frozen=True, slots=True)
class Folding:
    """How to fold: which signs separate, and which end a sentence (a line break always does)."""

    separators: str
    sentence_ends: str

    def fold(self, text: str) -> Folded:
        """The folded text."""
        signs = self._signs(text)
        before = _digit_beside(signs)
        after = _digit_beside(signs[::-1])[::-1]
        beside = zip(signs, before, after, strict=True)
        kept = tuple(each for each, left, right in beside if not each.separates or (left and right))
        return Folded("".join(each.sign for each in kept), kept)

    def word(self, text: str) -> str:
        """A word of the lexicon in the same form; one that comes to nothing would be found everywhere."""
        folded = self.fold(text).text
        if not folded:
            raise ValueError(f"nothing to compare in {text!r}")
        return folded

    def _signs(self, text: str) -> list[Sign]:
        signs: list[Sign] = []
        sentence = 0
        for origin, character in enumerate(text):
            signs.extend(Sign(sign, origin, sentence, self._separates(sign)) for sign in _simple(character))
            sentence += character in self.sentence_ends or character == "\n"
        return signs

    def _separates(self, sign: str) -> bool:
        return sign in self.separators or unicodedata.category(sign) in BLANK


def _digit_beside(signs: list[Sign]) -> list[bool]:
    """For each sign, whether the nearest earlier sign that does not separate is a digit."""
    beside: list[bool] = []
    digit = False
    for each in signs:
        beside.append(digit)
        if not each.separates:
            digit = each.sign.isdigit()
    return beside


@lru_cache(maxsize=1 << 15)
def _simple(character: str) -> str:
    """One character folded by itself: none, one or several signs."""
    plain = unicodedata.normalize("NFKC", character).lower()
    visible = "".join(each for each in plain if unicodedata.category(each) not in INVISIBLE)
    return _converter().convert(visible) if visible else ""


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
