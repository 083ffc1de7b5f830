"""The answer engine: finds the entry for a question, or says what the text is instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.vocabulary import Locale
from services.knowledge.decision import Thresholds, decide
from services.knowledge.entry import Entry
from services.knowledge.intents import Intents
from services.knowledge.lexicon import Lexicon
from services.knowledge.outcome import Finding, Outcome
from services.knowledge.ranking import Ranker, Ranking
from services.knowledge.seeds import SEEDS, read_entries


@dataclass(frozen=True)
class Knowledge:
    """A published knowledge base; safe to share, for nothing in it changes."""

    entries: Mapping[str, Entry]
    ranker: Ranker
    intents: Intents
    thresholds: Thresholds

    @classmethod
    def from_seeds(cls, folder: Path = SEEDS) -> "Knowledge":
        """The packaged knowledge base; KnowledgeFaultError names what is wrong in the files."""
        return cls.build(read_entries(folder), Lexicon.read(folder))

    @classmethod
    def build(cls, entries: Sequence[Entry], lexicon: Lexicon) -> "Knowledge":
        """Of published entries and the words of the field; takes under a second for 200 entries."""
        ranker = Ranker.build(lexicon.reader, entries, lexicon.examples)
        return cls({entry.entry_id: entry for entry in entries}, ranker, lexicon.intents, lexicon.thresholds)

    def find(self, question: str, locale: Locale) -> Finding:
        """What a text of any kind is; never raises. Both languages are looked for whatever the client's locale."""
        del locale
        cleaned = self.ranker.reader.clean(question)
        if not cleaned:
            return Finding(Outcome.UNKNOWN)
        caught = self.intents.find(cleaned)
        return caught or decide(self.ranker.rank(cleaned), self.thresholds, self.intents.asks(cleaned))

    def rank(self, question: str) -> Ranking:
        """The bare ranking of a text, for calibration and for the curators' try-out."""
        return self.ranker.rank(self.ranker.reader.clean(question))

    def entry(self, entry_id: str) -> Entry:
        """The entry of an id from a finding."""
        return self.entries[entry_id]
