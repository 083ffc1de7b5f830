"""What a short text is made of: signs that it goes on with something, things it names, sides it asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.knowledge.features import Concepts, Span
from services.knowledge.plain import Plain, read_plain, table, texts
from services.knowledge.seeds import SEEDS
from services.knowledge.text import units

Patterns = tuple[re.Pattern[str], ...]

LONGEST = 16
"""Units of a text that may lean on what was said before; a longer one says what it is about."""

STRANGE, MARKED_STRANGE = 2, 6
"""Units that may be left unexplained in a text that leans on the last answer, plainly or by its first or last word."""


@dataclass(frozen=True)
class Gist:
    """A cleaned text without its opening and ending; spans do not overlap and stand in order.

    `marked`: it begins or ends as what goes on with something; `strange` counts units nobody can place.
    """

    rest: str
    marked: bool
    sides: tuple[Span, ...]
    things: tuple[Span, ...]
    strange: int

    @property
    def names(self) -> frozenset[str]:
        """All concepts it words."""
        return frozenset(name for span in (*self.sides, *self.things) for name in span.names)

    @property
    def leans(self) -> bool:
        """Whether it asks for a side of something and does not say of what; few English words are known by name."""
        foreign = self.rest.isascii() and not self.marked
        explained = self.strange <= (0 if foreign else MARKED_STRANGE if self.marked else STRANGE)
        return not self.things and explained and (self.marked or bool(self.sides))


@dataclass(frozen=True)
class Phrases:
    """The patterns and words of the seed file."""

    openings: Patterns
    endings: Patterns
    marks: Patterns
    next: Patterns
    closes: Patterns
    rejects: Patterns
    places: tuple[Patterns, ...]
    last: Patterns
    asked: re.Pattern[str]
    sentences: re.Pattern[str]
    joints: re.Pattern[str]
    pauses: re.Pattern[str]
    sides: frozenset[str]
    kinds: Mapping[str, str]
    """Concept → the kind of thing that it is."""
    words: Concepts
    filler: frozenset[str]

    @classmethod
    def read(cls, folder: Path = SEEDS) -> "Phrases":
        """Of the seed file of a folder."""
        seed = read_plain(folder / "dialogue_zh.yaml")
        kinds = {name: kind for kind, names in table(seed["kinds"]).items() for name in texts(names)}
        return cls(
            **{
                name: _compiled(seed[name])
                for name in ("openings", "endings", "marks", "next", "closes", "rejects", "last")
            },
            places=tuple(_compiled(each) for each in _items(seed["places"])),
            asked=re.compile("|".join(texts(seed["asked"]))),
            sentences=re.compile(str(seed["sentences"])),
            joints=re.compile("|".join(texts(seed["joints"])), re.IGNORECASE),
            pauses=re.compile(str(seed["pauses"])),
            sides=frozenset(name for row in _items(seed["sides"]) for name in texts(row)),
            kinds=kinds,
            words=Concepts.build({name: texts(words) for name, words in table(seed["words"]).items()}),
            filler=frozenset(str(seed["filler"])) | frozenset(texts(seed["filler_words"])),
        )

    def gist(self, cleaned: str, lexicon: Concepts) -> Gist:
        """What a cleaned text is made of."""
        rest = self._stripped(cleaned)
        spans = self.spans(rest, lexicon)
        sides = tuple(span for span in spans if self.sides & set(span.names) and not self._only(span, rest))
        things = tuple(span for span in spans if span not in sides)
        return Gist(rest, any(p.search(cleaned) for p in self.marks), sides, things, self._strange(rest, spans))

    def spans(self, cleaned: str, lexicon: Concepts) -> tuple[Span, ...]:
        """The wordings of a cleaned text that hold no other and overlap none: the longest first."""
        found = [*lexicon.spans(cleaned), *self.words.spans(cleaned)]
        kept: list[Span] = []
        for span in sorted(found, key=lambda span: (span.start - span.end, span.start)):
            same = next((i for i, other in enumerate(kept) if (other.start, other.end) == (span.start, span.end)), None)
            if same is not None:
                kept[same] = Span(span.start, span.end, (*kept[same].names, *span.names))
            elif all(span.end <= other.start or other.end <= span.start for other in kept):
                kept.append(span)
        return tuple(sorted(kept, key=lambda span: span.start))

    def kind(self, span: Span) -> str | None:
        """The kind of thing that a wording names."""
        return next((self.kinds[name] for name in span.names if name in self.kinds), None)

    def topic(self, cleaned: str) -> str:
        """What a question is about, without what it asks."""
        return " ".join(self.asked.sub(" ", cleaned).split())

    def place(self, cleaned: str, count: int) -> int | None:
        """The place, from 0, that a text names in a list of `count` things; it may lie beyond its end."""
        if any(pattern.search(cleaned) for pattern in self.last):
            return count - 1
        named = (i for i, each in enumerate(self.places) if any(pattern.search(cleaned) for pattern in each))
        return next(named, None)

    def goes_on(self, cleaned: str) -> bool:
        """Whether a text asks for what comes next and nothing else."""
        return any(pattern.search(cleaned) for pattern in self.next)

    def ends(self, cleaned: str) -> bool:
        """Whether a text only says that an answer was heard, or that nothing more is wanted."""
        return any(pattern.search(cleaned) for pattern in self.closes)

    def turns_down(self, cleaned: str) -> bool:
        """Whether a text says that what was given or offered is not meant, and nothing else."""
        return any(pattern.search(cleaned) for pattern in self.rejects)

    def _stripped(self, cleaned: str) -> str:
        """Without openings, of which there may be several, and one ending; never empty for a text that is not."""
        rest = cleaned
        for pattern in (*self.openings, *self.openings, *self.endings):
            rest = pattern.sub("", rest).strip() or rest
        return rest

    def _only(self, span: Span, rest: str) -> bool:
        """Whether a thing of some kind is all that a text names: it stands in another's place."""
        return self.kind(span) is not None and span.end - span.start == len(rest)

    def _strange(self, rest: str, spans: tuple[Span, ...]) -> int:
        covered = {place for span in spans for place in range(span.start, span.end)}
        left = "".join(" " if place in covered else sign for place, sign in enumerate(rest))
        return sum(unit not in self.filler for unit in units(left))


@lru_cache(maxsize=1)
def packaged() -> Phrases:
    """The packaged phrases."""
    return Phrases.read()


def _compiled(value: Plain) -> Patterns:
    return tuple(re.compile(text) for text in texts(value))


def _items(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else []
