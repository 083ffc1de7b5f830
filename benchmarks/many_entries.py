"""A knowledge base of any size, made from the packaged one, the same each time.

Copy n of an entry asks the same about another topic: the frequent words (what, how, when, how much) stay, and each
rarer word becomes another one, throughout the copy. So the copies have the lengths, the grammar and about the
frequencies of what was written, and words of their own, as further topics would.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.knowledge.entry import Entry, Wording
from services.knowledge.ranking import wordings

STAYING = 120
"""Most frequent words of each kind that stay in every copy."""

_WORD = re.compile(r"[A-Za-z]+|[^\W\dA-Za-z_]")

Swap = Callable[[str], str]


@dataclass(frozen=True)
class Words:
    """What may become what: the rarer words, Latin and not, each in the order of first use."""

    kinds: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, texts: Iterable[str], staying: int = STAYING) -> "Words":
        """The words of texts but for the most frequent of each kind."""
        counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
        kinds = [Counter({w: n for w, n in counts.items() if w.isascii() is latin}) for latin in (True, False)]
        return cls(tuple(_rare(kind, staying) for kind in kinds))

    def swapped(self, seed: int) -> Swap:
        """A text with each rarer word replaced, one for one."""
        table: dict[str, str] = {}
        for kind in self.kinds:
            table |= dict(zip(kind, random.Random(seed).sample(kind, len(kind)), strict=True))  # noqa: S311 - no secret
        return lambda text: _replaced(text, table)


@dataclass
class _Copier:
    """Makes copies of entries, none of which asks what has been asked before."""

    each: int | None
    asked: set[str] = field(default_factory=set)

    def copied(self, entry: Entry, copy: int, swap: Swap) -> Entry:
        chinese = self._worded(entry.chinese, swap) or replace(entry.chinese, phrasings=())
        english = self._worded(entry.english, swap) if entry.english and self.each is None else None
        return replace(entry, entry_id=f"{entry.entry_id}-{copy}", chinese=chinese, english=english, related=())

    def _worded(self, wording: Wording, swap: Swap) -> Wording | None:
        own = {text.lower(): text for text in map(swap, (wording.question, *wording.phrasings))}
        kept = [text for lower, text in own.items() if lower not in self.asked][: self.each]
        self.asked.update(text.lower() for text in kept)
        return Wording(kept[0], tuple(kept[1:]), swap(wording.answer)) if kept else None


def many(entries: Sequence[Entry], count: int, each: int | None = None) -> tuple[Entry, ...]:
    """So many entries: those given, then copies in turn; with `each` a copy keeps so many wordings, all Chinese."""
    texts = [text for entry in entries for text in wordings(entry)]
    words, copier = Words.of(texts), _Copier(each, {text.lower() for text in texts})
    made = list(entries[:count])
    while len(made) < count:
        copy = len(made) // len(entries)
        swap = words.swapped(copy)
        made += [copier.copied(entry, copy, swap) for entry in entries[: count - len(made)]]
    return tuple(made)


def _rare(kind: Counter[str], staying: int) -> tuple[str, ...]:
    stay = {word for word, _ in kind.most_common(staying)}
    return tuple(word for word in kind if word not in stay)


def _replaced(text: str, table: Mapping[str, str]) -> str:
    return _WORD.sub(lambda word: table.get(word.group().lower(), word.group()), text)
