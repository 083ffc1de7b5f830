"""Checks a text against the lexicon before anything goes out.

The machine never passes a hit because it looks like a warning or a denial: such a text waits for a compliance
officer to release it. Only passages that compliance approved word for word are left out of account.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.vocabulary import Purpose
from services.wording.folding import Folded, Folding
from services.wording.lexicon import Category, Decision, Lexicon, packaged_lexicon

RISK_NOTICE = "risk_notice"
STOCK_AND_DIRECTION = "stock_and_direction"


@dataclass(frozen=True, slots=True)
class Hit:
    """A forbidden wording, `text[start:end]` of the checked text; a missing risk notice is empty, at its end."""

    category: str
    decision: Decision
    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every hit, the strictest first and then in the order of the text."""

    hits: tuple[Hit, ...] = ()

    @property
    def decision(self) -> Decision:
        """Block, release or pass."""
        return self.hits[0].decision if self.hits else Decision.PASS

    @property
    def category(self) -> str | None:
        """The category of the hit that decided."""
        return self.hits[0].category if self.hits else None


@dataclass(frozen=True, slots=True)
class _Found:
    """A match in the folded text; without a category it is excused by nothing."""

    start: int
    end: int
    category: Category | None = None


class Wording:
    """A lexicon made ready for checking."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.version = lexicon.version
        self._folding = Folding(lexicon.separators, lexicon.sentence_ends)
        self._finders = [(each, finder) for each in lexicon.categories for finder in self._finders_of(each)]
        stock = lexicon.stock_and_direction
        self._stocks = re.compile(f"{stock.codes}|{self._any_of(stock.names)}")
        self._directions = re.compile(self._any_of(stock.directions))
        self._markers = {name: [*map(self._folding.word, each.markers)] for name, each in lexicon.contexts.items()}
        passages = (passage for each in lexicon.preapproved_passages.values() for passage in each)
        self._passages = [self._folding.word(passage) for passage in passages]
        self._risk_notice = lexicon.risk_notice
        self._notices = [self._folding.word(notice) for notice in lexicon.risk_notice.any_of]

    @classmethod
    @cache
    def from_seed(cls) -> "Wording":
        """The packaged lexicon, made ready once for the whole process."""
        return cls(packaged_lexicon())

    def check(self, text: str, *, purpose: Purpose, approved: Iterable[str] = ()) -> Verdict:
        """Whether a text may go out for a purpose; `approved` are passages that compliance has released."""
        folded = self._folding.fold(text)
        passages = (*self._passages, *map(self._folding.word, approved))
        spans = [span for passage in passages for span in _occurrences(passage, folded.text)]
        found = [each for each in self._find(folded) if not any(_within(each, span) for span in spans)]
        hits = {self._judge(text, folded, each, found) for each in found}
        if purpose in self._risk_notice.purposes and not any(notice in folded.text for notice in self._notices):
            hits.add(Hit(RISK_NOTICE, Decision.BLOCK, "", len(text), len(text)))
        return Verdict(tuple(sorted(hits, key=_strictest_first)))

    def _find(self, folded: Folded) -> Iterator[_Found]:
        for category, finder in self._finders:
            for match in finder.finditer(folded.text):
                start, end = match.span(1)
                yield _Found(start, end, category)
        yield from self._find_stocks(folded)

    def _find_stocks(self, folded: Folded) -> Iterator[_Found]:
        """Each stock with the first word for buying or selling in its sentence."""
        for stock in self._stocks.finditer(folded.text):
            direction = self._directions.search(folded.text, *folded.sentences(*stock.span()))
            if direction:
                yield _Found(min(stock.start(), direction.start()), max(stock.end(), direction.end()))

    def _judge(self, text: str, folded: Folded, found: _Found, others: list[_Found]) -> Hit:
        start, end = folded.original(found.start, found.end)
        if found.category is None:
            return Hit(STOCK_AND_DIRECTION, Decision.BLOCK, text[start:end], start, end)
        excused = self._excused(folded, found, others)
        decision = Decision.RELEASE if excused else found.category.severity
        return Hit(found.category.id, decision, text[start:end], start, end)

    def _excused(self, folded: Folded, found: _Found, others: list[_Found]) -> bool:
        """Whether its sentence has a marker of an allowed context. A marker that is itself part of a forbidden
        wording excuses nothing: "no risk" denies nothing but the truth."""
        start, end = folded.sentences(found.start, found.end)
        contexts = found.category.allowed_contexts if found.category else ()
        markers = (marker for name in contexts for marker in self._markers[name])
        spans = (span for marker in markers for span in _occurrences(marker, folded.text, start, end))
        return any(not any(other.start <= span[0] and span[1] <= other.end for other in others) for span in spans)

    def _finders_of(self, category: Category) -> list[re.Pattern[str]]:
        """Looking ahead, so that matches that overlap are all found."""
        patterns = (unicodedata.normalize("NFKC", pattern) for pattern in category.patterns)
        wordings = [self._any_of((*category.words, *category.variants)), *patterns]
        return [re.compile(f"(?=({wording}))", re.IGNORECASE) for wording in wordings]

    def _any_of(self, words: tuple[str, ...]) -> str:
        """One pattern for several words, the longest first; without words one that matches nothing."""
        folded = sorted(map(self._folding.word, words), key=len, reverse=True)
        return "|".join(map(re.escape, folded)) or "(?!)"


def _occurrences(part: str, text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    at = text.find(part, start, end)
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + 1, end)


def _within(found: _Found, span: tuple[int, int]) -> bool:
    return span[0] <= found.start and found.end <= span[1]


def _strictest_first(hit: Hit) -> tuple[bool, int, int, str]:
    return hit.decision is not Decision.BLOCK, hit.start, hit.end, hit.category
