"""The answer engine: finds the entry for a question, or says what the text is instead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from bot.vocabulary import Locale
from services.knowledge.decision import Fusion, Group, Heard, Thresholds, asked_back, decide, likely
from services.knowledge.entry import Entry
from services.knowledge.intents import Intents
from services.knowledge.kinds import Kind, Kinds
from services.knowledge.lexicon import Lexicon
from services.knowledge.outcome import Finding, Outcome
from services.knowledge.ranking import Opinion, Ranker, Ranking, wordings
from services.knowledge.seeds import SEEDS, read_entries
from services.knowledge.sparse import Floats

REMEMBERED = 4096
"""Findings kept: what clients tap and the short ways to ask come again and again, word for word."""

BARE = 4
"""Signs of a text that names a topic and hardly asks anything."""


@dataclass(frozen=True)
class Learned:
    """What is trained from entries and examples; it takes a second."""

    ranker: Ranker
    kinds: Kinds
    spoken: frozenset[str]
    """Every question and phrasing of the entries, cleaned."""

    @classmethod
    def of(cls, entries: Sequence[Entry], lexicon: Lexicon) -> "Learned":
        """Trained now."""
        asked = [lexicon.reader.clean(text) for entry in entries for text in wordings(entry)]
        kinds = Kinds.build(lexicon.reader, lexicon.signs, asked, lexicon.examples)
        return cls(Ranker.build(lexicon.reader, entries, asked), kinds, frozenset(asked))


@dataclass(frozen=True)
class Knowledge:
    """A published knowledge base; safe to share, for nothing in it changes."""

    entries: Mapping[str, Entry]
    ranker: Ranker
    kinds: Kinds
    intents: Intents
    thresholds: Thresholds
    groups: tuple[Group, ...]
    spoken: frozenset[str]
    former: Mapping[str, Entry] = field(default_factory=dict)
    """Entries before the last publication: a turn that found one goes on with it."""
    fusion: Fusion | None = None
    """How much an embedder counts; without it none is asked."""
    sensed: Mapping[str, Opinion] = field(default_factory=dict)
    """Cleaned text → what its vector tells, for texts whose vector is known."""

    @classmethod
    def from_seeds(cls, folder: Path = SEEDS) -> "Knowledge":
        """The packaged knowledge base; KnowledgeFaultError names what is wrong in the files."""
        return cls.build(read_entries(folder), Lexicon.read(folder))

    @classmethod
    def build(cls, entries: Sequence[Entry], lexicon: Lexicon, learned: Learned | None = None) -> "Knowledge":
        """Of published entries and the words of the field; a second for 200 entries, less with what was `learned`."""
        learned = learned or Learned.of(entries, lexicon)
        return cls(
            entries={entry.entry_id: entry for entry in entries},
            ranker=learned.ranker,
            kinds=learned.kinds,
            intents=lexicon.intents,
            thresholds=lexicon.thresholds,
            groups=lexicon.groups,
            spoken=learned.spoken,
            fusion=lexicon.fusion,
        )

    @property
    def learned(self) -> Learned:
        """What was trained for it."""
        return Learned(self.ranker, self.kinds, self.spoken)

    def find(self, question: str, locale: Locale) -> Finding:
        """What a text of any kind is; never raises. Both languages are looked for whatever the client's locale."""
        del locale
        return self._found(question) if self.sensed else self._remembered(question)

    @cached_property
    def _remembered(self) -> Callable[[str], Finding]:
        return lru_cache(REMEMBERED)(self._found)

    def _found(self, question: str) -> Finding:
        cleaned = self.ranker.reader.clean(question)
        if not any(map(str.isalnum, cleaned)):
            return Finding(Outcome.UNKNOWN)
        kind = self.kinds.of(cleaned)
        caught = self._caught(cleaned, kind)
        if caught:
            return replace(caught, ruled=True)
        heard = self._heard(cleaned, kind)
        decided = decide(heard, self._fitted(cleaned))
        if cleaned in self.spoken:
            return decided
        doubted = self._doubted(cleaned, decided)
        return asked_back(doubted, heard, self.groups, lambda group: self._said(cleaned, group))

    def _said(self, cleaned: str, group: Group) -> bool:
        """Whether a text tells which of a group is meant."""
        named = self.ranker.reader.concepts.found(cleaned)
        return bool(named & group.concepts) or any(word in cleaned for word in group.words)

    def caught(self, cleaned: str) -> Finding | None:
        """What a rule makes of a cleaned text; None for what may be a question."""
        return self._caught(cleaned, self.kinds.of(cleaned))

    def heard(self, cleaned: str) -> Heard:
        """What a cleaned text is decided on, where no rule has caught it."""
        return self._heard(cleaned, self.kinds.of(cleaned))

    def _caught(self, cleaned: str, kind: Kind) -> Finding | None:
        return self.intents.find(cleaned, likely(kind))

    def _heard(self, cleaned: str, kind: Kind) -> Heard:
        return Heard(self.ranker.rank(cleaned, self.sensed.get(cleaned)), kind, cleaned in self.sensed)

    def _fitted(self, cleaned: str) -> Thresholds:
        return self.fusion.thresholds if self.fusion and cleaned in self.sensed else self.thresholds

    def _doubted(self, cleaned: str, decided: Finding) -> Finding:
        """A bare topic is no question: what is nobody's phrasing is offered, never given as the one answer."""
        bare = len(cleaned) <= BARE and cleaned not in self.spoken and not self.intents.asks(cleaned)
        return replace(decided, outcome=Outcome.CANDIDATES) if bare and decided.outcome is Outcome.ANSWERED else decided

    def rank(self, question: str) -> Ranking:
        """The bare ranking of a text, for calibration and for the curators' try-out."""
        cleaned = self.ranker.reader.clean(question)
        return self.ranker.rank(cleaned, self.sensed.get(cleaned))

    def with_sense(self, scores: Mapping[str, Floats]) -> "Knowledge":
        """The same with what the vectors of these cleaned texts tell: the logarithm of each entry's share."""
        if self.fusion is None:
            return self
        own, weight = self.fusion.own, np.float32(self.fusion.vector)
        return replace(self, sensed={cleaned: Opinion(weight * each, own) for cleaned, each in scores.items()})

    def taught(self) -> tuple[list[str], list[int]]:
        """Every wording of the entries that has words, cleaned, and the place of its entry."""
        places = {entry_id: place for place, entry_id in enumerate(self.ranker.labels)}
        pairs = [(places[entry.entry_id], text) for entry in self.entries.values() for text in wordings(entry)]
        read = [(self.ranker.reader.clean(text), place) for place, text in pairs]
        return [text for text, _ in read if text], [place for text, place in read if text]

    def entry(self, entry_id: str) -> Entry:
        """The entry of an id from a finding."""
        return self.entries.get(entry_id) or self.former[entry_id]
