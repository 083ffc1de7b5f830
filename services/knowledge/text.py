"""Brings a text into the one form in which texts are compared."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_TEXT = 300
"""Signs of a text that are looked at; what a question asks stands in its first lines."""

_TAG = re.compile(r"<[^<>]{0,200}>")
_BREAK = re.compile(r"[^\w%*+./:&-]+|_+")
_STRANGE = re.compile(r"[^\w\x20-\x7e\u3001-\u3020\u2010-\u2027]")
"""What may be neither letter, number, mark nor blank; few texts hold any, and looking at each sign takes its time."""
_SPELT = re.compile(r"(?<![a-z])[a-z](?: [a-z](?![a-z]))+")
_UNIT = re.compile(r"[a-z]+|\d+(?:\.\d+)?|[^\W\d_a-z]")


@dataclass(frozen=True)
class Normaliser:
    """Rewrites signs and spoken forms as the lexicon says."""

    simplified: Mapping[int, str]
    rewrite: Mapping[str, str]
    pattern: re.Pattern[str]

    @classmethod
    def build(cls, traditional: str, rewrite: Mapping[str, str]) -> "Normaliser":
        """Of a string of pairs (traditional, simplified) and a table of spoken forms."""
        pairs = traditional.split()
        simplified = {ord(p[i]): p[i + 1] for p in pairs for i in range(0, len(p) - 1, 2)}
        ordered = sorted(rewrite, key=len, reverse=True)
        firsts = re.escape("".join(sorted({spoken[0] for spoken in ordered})))
        # Forms are tried one by one, so only where one may begin.
        pattern = f"(?=[{firsts}])(?:{'|'.join(map(_whole, ordered))})" if ordered else r"(?!)"
        return cls(simplified, rewrite, re.compile(pattern))

    def clean(self, text: str) -> str:
        """Half width, lower case, simplified, one blank for all that separates; empty for a text without words.

        Letters apart, as voice recognition writes them ("E T F"), are one word.
        """
        plain = _TAG.sub(" ", text[: LONGEST_TEXT * 4])[:LONGEST_TEXT]
        plain = unicodedata.normalize("NFKC", plain).lower().translate(self.simplified)
        if _STRANGE.search(plain):
            plain = "".join(c if unicodedata.category(c)[0] in "LNPZS" and c.isprintable() else " " for c in plain)
        plain = _SPELT.sub(lambda m: m.group().replace(" ", ""), plain)
        plain = self.pattern.sub(lambda m: self.rewrite[m.group()], plain)
        return _BREAK.sub(" ", plain).strip()


def _whole(spoken: str) -> str:
    """The pattern of a spoken form; a Latin one counts only as a whole word: "app", not "apply"."""
    escaped = re.escape(spoken)
    return rf"(?<![a-z0-9]){escaped}(?![a-z0-9])" if spoken.isascii() else escaped


def units(text: str) -> list[str]:
    """Single Chinese signs, whole Latin words and whole numbers of a cleaned text, in order."""
    return _UNIT.findall(text)
