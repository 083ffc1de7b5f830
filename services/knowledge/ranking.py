"""Orders the entries by how well they fit a question."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.knowledge import bulk
from services.knowledge.entry import Entry
from services.knowledge.features import Concepts, features
from services.knowledge.learning import Classifier, Likeness, learned
from services.knowledge.sparse import Cells, Floats, Ints, Postings, Vector, Vocabulary
from services.knowledge.spelling import Spelling
from services.knowledge.text import Normaliser, units

NEAREST_WEIGHT = 1.0
ANSWER_WEIGHT = 2.0
COVERED_WEIGHT = 4.0
ELSEWHERE_WEIGHT = 6.0

RANKED = 8


@dataclass(frozen=True)
class Reader:
    """How a text is read: cleaned, without filler phrases, as features."""

    normaliser: Normaliser
    concepts: Concepts
    stop: tuple[str, ...]

    def clean(self, text: str) -> str:
        """The text as the intents see it."""
        return self.normaliser.clean(text)

    def features(self, cleaned: str) -> dict[str, float]:
        """The features of a cleaned text."""
        return features(self._told(cleaned), self.concepts)

    def many(self, cleaned: Iterable[str]) -> tuple[list[str], Cells]:
        """Those of many texts: all in the order of their first use, and the numbers of each text's own."""
        return bulk.read(list(map(self._told, cleaned)), self.concepts)

    def _told(self, cleaned: str) -> str:
        for phrase in self.stop:
            if phrase in cleaned:
                shorter = cleaned.replace(phrase, " ")
                cleaned = shorter if shorter.strip() else cleaned
        return cleaned


@dataclass(frozen=True)
class Ranking:
    """One question against everything known."""

    entries: tuple[tuple[str, float], ...]
    """Entry ids with their shares of all entries, best first, `RANKED` at most."""
    nearest: float
    """Cosine of the best entry's nearest phrasing."""
    known: float
    """Share of the text's weight on features seen before."""
    covered: float
    """Share of the text's weight on features that wordings of the best entry hold."""
    length: int
    """Signs, words and numbers of the text: a long text shares something with every entry."""


@dataclass(frozen=True)
class Opinion:
    """What something else makes of a text: a score for each entry, to be added to `own` times those of the ranker."""

    scores: Floats
    own: float


@dataclass(frozen=True)
class Ranker:
    """Everything that is built from the published entries; nothing in it changes."""

    reader: Reader
    spelling: Spelling
    vocabulary: Vocabulary
    phrasings: Postings
    firsts: Ints
    """The first phrasing of each entry; those of one entry stand together, and each has one at least."""
    answers: Postings
    wholes: Postings
    elsewhere: Postings
    """What belongs to neighbours, each wording with the place of the entry that it is not about."""
    excluded: Ints
    classifier: Classifier | Likeness
    labels: tuple[str, ...]

    @classmethod
    def build(cls, reader: Reader, entries: Sequence[Entry], asked: Sequence[str]) -> "Ranker":
        """Of one published entry at least; `asked` are the wordings of all, cleaned."""
        owners = [place for place, entry in enumerate(entries) for _ in wordings(entry)]
        told = [reader.clean(entry.question + " " + entry.answer) for entry in entries]
        vocabulary, vectors = Vocabulary.build(*reader.many(asked))
        width = len(vocabulary.columns)
        labels = tuple(entry.entry_id for entry in entries)
        phrasings = Postings.build(vectors, width)
        held = phrasings.summed(owners, len(labels))
        answers = vocabulary.vectors(*reader.many(told))
        strange = [(place, reader.clean(text)) for place, entry in enumerate(entries) for text in entry.not_about]
        elsewhere = vocabulary.vectors(*reader.many(text for _, text in strange))
        return cls(
            reader=reader,
            spelling=Spelling.build((*asked, *told)),
            vocabulary=vocabulary,
            phrasings=phrasings,
            firsts=np.searchsorted(owners, np.arange(len(labels))).astype(np.int32),
            answers=Postings.build(answers, width),
            wholes=replace(held, weights=np.ones_like(held.weights)),
            elsewhere=Postings.build(elsewhere, width),
            excluded=np.array([place for place, _ in strange], np.int32),
            classifier=learned(vectors, owners, held),
            labels=labels,
        )

    def shares(self, cleaned: str) -> Floats:
        """The share of each entry for a cleaned text, in the order of `labels`."""
        vector = self._vector(cleaned)
        scores = self._scores(vector, self._nearest(vector), self._covered(vector))
        return _joined(scores, None)

    def rank(self, cleaned: str, opinion: Opinion | None = None) -> Ranking:
        """How well the entries fit a cleaned text, in the ranker's own judgement or together with another's."""
        vector = self._vector(cleaned)
        nearest = self._nearest(vector)
        covered = self._covered(vector)
        scores = self._scores(vector, nearest, covered)
        shares = _joined(scores, opinion)
        best = _best(shares)
        return Ranking(
            tuple((self.labels[i], float(shares[i])) for i in best),
            float(nearest[best[0]]),
            vector.known,
            float(covered[best[0]]),
            len(units(cleaned)),
        )

    def _vector(self, cleaned: str) -> Vector:
        return self.vocabulary.vector(self.reader.features(self.spelling.corrected(cleaned)))

    def _nearest(self, vector: Vector) -> Floats:
        nearest: Floats = np.maximum.reduceat(self.phrasings.products(vector), self.firsts)
        return nearest

    def _covered(self, vector: Vector) -> Floats:
        covered: Floats = self.wholes.products(Vector(vector.columns, vector.weights**2, 1.0))
        return covered * np.float32(vector.known)

    def _scores(self, vector: Vector, nearest: Floats, covered: Floats) -> Floats:
        scores: Floats = np.log(self.classifier.shares(vector) + 1e-9) + NEAREST_WEIGHT * nearest
        scores += ANSWER_WEIGHT * self.answers.products(vector) + COVERED_WEIGHT * covered
        return scores - ELSEWHERE_WEIGHT * self._strange(vector, nearest)

    def _strange(self, vector: Vector, nearest: Floats) -> Floats:
        """How much nearer a text is to what an entry is not about than to any wording of its own; 0 at least."""
        found = np.zeros(len(self.labels), np.float32)
        np.maximum.at(found, self.excluded, self.elsewhere.products(vector) - nearest[self.excluded])
        return found


def _best(shares: Floats) -> list[int]:
    """The places of the greatest, the greatest first, of equal ones the first."""
    first = np.sort(np.argpartition(-shares, RANKED)[:RANKED]) if len(shares) > RANKED else np.arange(len(shares))
    places: list[int] = first[np.argsort(-shares[first], kind="stable")].tolist()
    return places


def _joined(scores: Floats, opinion: Opinion | None) -> Floats:
    """The share of each label, summing to 1."""
    if opinion is not None:
        scores = np.float32(opinion.own) * scores + opinion.scores
    powers = np.exp(scores - scores.max())
    shares: Floats = powers / powers.sum()
    return shares


def wordings(entry: Entry) -> tuple[str, ...]:
    """All questions that an entry answers, in all languages."""
    written = (entry.chinese, entry.english) if entry.english else (entry.chinese,)
    return tuple(text for words in written for text in (words.question, *words.phrasings))
