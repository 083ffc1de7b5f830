"""Finds what a message means that leans on what was said before it: "and ChiNext?", "how much?", "the second one"."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.messages import Topic
from services.knowledge import gist
from services.knowledge.decision import SHOWN
from services.knowledge.entry import Entry
from services.knowledge.gist import Gist, Phrases
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import Finding, Outcome, Scored
from services.knowledge.text import units

SURE, SURE_STRANGE, SURE_SAME = 0.6, 0.75, 0.9
"""Share from which an entry is the answer, else the best are offered; more where words are left that nobody can place,
and more before an answer is given twice in a row."""

LIKELY = 0.03
"""Share from which an entry is offered."""

LOOKED_AT = 12
"""Entries of each ranking that are weighed."""

ALONE = ((3, 0.3), (7, 0.5), (gist.LONGEST, 1.0))
"""Up to so many units, how much what a message says by itself counts beside what it says together with the topic."""

RELATED = 1.0
NEAR = 0.5
LISTED = 3.0
"""What is added to the logarithm of an entry's share: it is related to the topic, of its category, or in the list that
was just offered."""

SAME_STRANGE = -2.0
"""The same for the topic's own entry where words are left that nobody can place: they ask for something else."""

FLOOR = 1e-6


@dataclass(frozen=True)
class References:
    """Resolves what leans on a topic, by the published entries."""

    knowledge: Knowledge
    phrases: Phrases

    @classmethod
    def of(cls, knowledge: Knowledge) -> "References":
        """With the packaged phrases."""
        return cls(knowledge, gist.packaged())

    def resolve(self, cleaned: str, topic: Topic, *, lost: bool = False) -> Finding | None:
        """What a cleaned text means after a topic; None where it stands by itself. No intent is looked for.

        `lost`: alone it is like nothing, so that it is about the topic if it names nothing else.
        """
        known = [self.knowledge.entries[name] for name in topic.entries if name in self.knowledge.entries]
        if not known or len(units(cleaned)) > gist.LONGEST:
            return None
        if not topic.given:
            return self._picked(cleaned, topic, known)
        if self.phrases.goes_on(cleaned):
            return self._next(known[-1])
        read = self.phrases.gist(cleaned, self.knowledge.ranker.reader.concepts)
        if lost and not read.things and read.strange <= gist.MARKED_STRANGE:
            read = replace(read, marked=True)
        asked = list(self._composed(cleaned, read, topic, known))
        return self._weighed(asked, cleaned, _Bonus.after(known[-1], read)) if asked else None

    def _next(self, entry: Entry) -> Finding | None:
        """What is asked after an entry; None where nobody said."""
        names = [name for name in entry.related if name in self.knowledge.entries][:SHOWN]
        return Finding(Outcome.RELATED, tuple(Scored(name, 0.0) for name in names)) if names else None

    def _picked(self, cleaned: str, topic: Topic, listed: Sequence[Entry]) -> Finding | None:
        """Of a list that was offered, by place or by the one word that decides."""
        place = self.phrases.place(cleaned, len(listed))
        if place is not None:
            return _answered(listed[place], topic.text) if place < len(listed) else None
        read = self.phrases.gist(cleaned, self.knowledge.ranker.reader.concepts)
        named = [entry for entry in listed if self._decides(read, entry, listed)]
        if len(named) == 1:
            return _answered(named[0], f"{topic.text} {read.rest}")
        if len(units(read.rest)) > SHORT or not (read.names or read.strange <= gist.STRANGE):
            return None
        asked = [*self._composed(cleaned, read, topic, ()), f"{topic.text} {read.rest}"]
        return self._weighed(asked, cleaned, _Bonus(listed=topic.entries))

    def _decides(self, read: Gist, entry: Entry, listed: Sequence[Entry]) -> bool:
        """Whether a text that is little more than one thing names what is only in this entry's question."""
        if len(read.things) + len(read.sides) != 1 or read.strange > gist.STRANGE:
            return False
        of = {each.entry_id: self._names(each) for each in listed}
        others = {name for each in listed if each is not entry for name in of[each.entry_id]}
        return bool(read.names & (of[entry.entry_id] - others))

    def _names(self, entry: Entry) -> frozenset[str]:
        reader = self.knowledge.ranker.reader
        spans = self.phrases.spans(reader.clean(entry.question), reader.concepts)
        return frozenset(name for span in spans for name in span.names)

    def _composed(self, cleaned: str, read: Gist, topic: Topic, known: Sequence[Entry]) -> Iterator[str]:
        """The questions that the text may stand for, in full."""
        clean = self.knowledge.ranker.reader.clean
        latin = cleaned.isascii()
        before = [_question(entry, latin=latin) for entry in known[-1:]]
        texts = [clean(text) for text in (*before, topic.text) if text.isascii() == latin]
        for text in dict.fromkeys(texts):
            replaced = self._replaced(text, read)
            if replaced is not None:
                yield replaced
            elif read.leans or self._bare(read):
                yield f"{self.phrases.topic(text)} {read.rest}"

    def _bare(self, read: Gist) -> bool:
        """Whether a text is one thing of some kind and nothing else."""
        return len(read.things) == 1 and not read.sides and not read.strange and self._kind(read) is not None

    def _kind(self, read: Gist) -> str | None:
        return self.phrases.kind(read.things[0]) if len(read.things) == 1 else None

    def _replaced(self, text: str, read: Gist) -> str | None:
        """A question with the thing that a text names in the place of the one of its kind; None without such."""
        if not self._bare(read):
            return None
        kind, new = self._kind(read), read.rest[read.things[0].start : read.things[0].end]
        spans = self.phrases.spans(text, self.knowledge.ranker.reader.concepts)
        places = [span for span in spans if self.phrases.kind(span) == kind]
        if not places:
            return None
        for span in reversed(places):
            text = text[: span.start] + (new if span is places[0] else " ") + text[span.end :]
        return text

    def _weighed(self, asked: Sequence[str], cleaned: str, bonus: "_Bonus") -> Finding:
        """The entries that fit best to any of the full questions, to the text alone and to the topic."""
        ranker = self.knowledge.ranker
        length = len(units(cleaned))
        weight = next(weight for longest, weight in ALONE if length <= longest)
        full = np.max([np.log(ranker.shares(text) + FLOOR) for text in asked], axis=0)
        weights = full + weight * np.log(ranker.shares(cleaned) + FLOOR)
        best = {ranker.labels[i] for i in np.argsort(-weights)[:LOOKED_AT].tolist()} | bonus.names
        places = [(place, name) for place, name in enumerate(ranker.labels) if name in best]
        added = {name: float(weights[place]) + bonus.of(self.knowledge.entries[name]) for place, name in places}
        best_name = max(added, key=lambda name: added[name])
        return _found(added, asked[0], bonus.sure_of(best_name))


SHORT = 8
"""Units of a text that may pick from a list by its words."""


@dataclass(frozen=True)
class _Bonus:
    """What the topic adds to the weight of an entry, and the share from which one is sure."""

    topic: Entry | None = None
    listed: tuple[str, ...] = ()
    same: float = 0.0
    sure: float = SURE

    @classmethod
    def after(cls, topic: Entry, read: Gist) -> "_Bonus":
        """What an answered entry adds for a text."""
        return cls(topic, (), SAME_STRANGE, SURE_STRANGE) if read.strange else cls(topic)

    @property
    def names(self) -> set[str]:
        """Entries to be weighed however little they fit."""
        return {*self.listed, *(self.topic.related if self.topic else ())}

    def sure_of(self, name: str) -> float:
        """The share from which an entry is the answer."""
        return SURE_SAME if self.topic is not None and name == self.topic.entry_id else self.sure

    def of(self, entry: Entry) -> float:
        if entry.entry_id in self.listed:
            return LISTED
        if self.topic is None:
            return 0.0
        if entry is self.topic:
            return self.same
        related = entry.entry_id in self.topic.related or self.topic.entry_id in entry.related
        return (RELATED if related else 0.0) + (NEAR if entry.category == self.topic.category else 0.0)


def _found(weights: Mapping[str, float], asked: str, sure: float) -> Finding:
    """The best entry alone where it is sure, else the likely ones; weights are logarithms."""
    top = max(weights.values())
    powers = {name: math.exp(weight - top) for name, weight in weights.items()}
    total = sum(powers.values())
    ordered = sorted(powers, key=lambda name: -powers[name])[:SHOWN]
    scored = tuple(Scored(name, round(powers[name] / total, 4)) for name in ordered)
    if scored[0].score >= sure:
        return Finding(Outcome.ANSWERED, scored, asked=asked)
    return Finding(Outcome.CANDIDATES, tuple(each for each in scored if each.score >= LIKELY), asked=asked)


def _question(entry: Entry, *, latin: bool) -> str:
    return entry.english.question if latin and entry.english else entry.question


def _answered(entry: Entry, asked: str) -> Finding:
    return Finding(Outcome.ANSWERED, (Scored(entry.entry_id, 1.0),), asked=asked)
