"""Tells questions from complaints, wishes for a person and what is refused, learned from examples of each kind."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from services.knowledge.features import Concepts
from services.knowledge.learning import Classifier, steadied
from services.knowledge.neighbours import Neighbours
from services.knowledge.ranking import Reader
from services.knowledge.sparse import Cells, Floats, Vector, Vocabulary
from services.knowledge.text import units

Examples = Mapping[str, Sequence[str]]

QUESTION = "question"
"""The kind of every question to the knowledge base, and of examples that only look like another kind."""

JOINTS = "& "
"""What stands between the parts of a feature that is a pair."""

MOST_QUESTIONS = 12_000
"""Questions learned from: far more of them would only make the rest look rare."""

CONCEPT_WEIGHT = 1.3
CUE_WEIGHT = 1.5
PAIR_OF_CUES_WEIGHT = 0.8
NEAR = np.float32(0.25)
"""How much the nearest texts count beside the weights, of 1."""
SHORT, LONG, STEP = 3, 30, 4
"""Units of a text that is told apart by its very length, of one that is just long, and of one step between."""


@dataclass(frozen=True)
class Kind:
    """What a text seems to be."""

    shares: Mapping[str, float]
    """How probable each kind is, 0 to 1, by its key among the examples; they sum to 1."""

    @property
    def question(self) -> float:
        """How probable it is that the text is a question to the knowledge base."""
        return self.shares[QUESTION]

    @property
    def label(self) -> str:
        """The likeliest kind besides a question."""
        return self.likeliest({QUESTION})

    @property
    def share(self) -> float:
        """How probable that kind is."""
        return self.shares.get(self.label, 0.0)

    def likeliest(self, but: Container[str]) -> str:
        """The likeliest kind `but` for some; empty where no other was learned."""
        return max((label for label in self.shares if label not in but), key=self.shares.__getitem__, default="")


@dataclass(frozen=True)
class Signs:
    """What a text shows of its kind: words of the field, cues of what somebody wants, marks of a question."""

    concepts: Concepts
    cues: Concepts
    asks: Callable[[str], bool]

    def features(self, cleaned: str) -> dict[str, float]:
        """Feature → weight of a cleaned text."""
        parts = units(cleaned)
        found = dict.fromkeys(parts, 1.0) | dict.fromkeys(map(" ".join, pairwise(("^", *parts, "$"))), 1.0)
        found |= {f"c:{name}": CONCEPT_WEIGHT for name in sorted(self.concepts.found(cleaned))}
        names = sorted(self.cues.found(cleaned))
        if self.asks(cleaned):
            names.append("?")
        found |= {f"q:{name}": CUE_WEIGHT for name in names}
        found |= {f"q:{left}&{right}": PAIR_OF_CUES_WEIGHT for left, right in combinations(names, 2)}
        return found | {_length(len(parts)): 1.0}


@dataclass(frozen=True)
class Kinds:
    """A linear classifier over signs, pairs of signs, concepts of the field and cues; the nearest texts have a say."""

    signs: Signs
    vocabulary: Vocabulary
    classifier: Classifier
    neighbours: Neighbours
    labels: tuple[str, ...]

    @classmethod
    def build(cls, reader: Reader, signs: Signs, questions: Sequence[str], examples: Examples) -> "Kinds":
        """Of all that entries are asked by, cleaned, or a part of it if that is very much, and of examples by kind."""
        labels = (QUESTION, *(key for key in examples if key != QUESTION))
        texts = [(0, text) for text in questions[:: 1 + len(questions) // MOST_QUESTIONS]]
        texts += [(labels.index(key), reader.clean(text)) for key, each in examples.items() for text in each]
        vocabulary, vectors = Vocabulary.build(*Cells.read(signs.features(text) for _, text in texts), JOINTS)
        owners, width = [owner for owner, _ in texts], len(vocabulary.columns)
        classifier = steadied(vectors, owners, width, len(labels))
        return cls(signs, vocabulary, classifier, Neighbours.build(vectors, owners, width), labels)

    def of(self, cleaned: str) -> Kind:
        """The kind of a cleaned text. Vectors of sentences do not help here: complaints are about what others ask."""
        shares = self._shares(self.vocabulary.vector(self.signs.features(cleaned)))
        return Kind(dict(zip(self.labels, shares.tolist(), strict=True)))

    def _shares(self, vector: Vector) -> Floats:
        """Both judgements multiplied, as each would be right by itself so often."""
        near = self.neighbours.shares(vector, len(self.labels))
        joined: Floats = self.classifier.shares(vector) ** (1 - NEAR) * near**NEAR
        joined /= joined.sum()
        return joined


def _length(count: int) -> str:
    return f"l:{count}" if count <= SHORT else f"l:{SHORT}+{min(count, LONG) // STEP}"
