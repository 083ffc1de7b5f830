"""Fits the thresholds of the decision on what the engine has not learned from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.knowledge.decision import SHOWN, Fusion, Heard, Side, Thresholds, clues, probability, side, signals
from services.knowledge.entry import Entry
from services.knowledge.evaluate import COMPLAINT, HUMAN, NONE, Question
from services.knowledge.kinds import QUESTION
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon, fusion_of
from services.knowledge.meaning.learned import Meaning
from services.knowledge.outcome import Finding, Outcome
from services.knowledge.plain import read_plain
from services.knowledge.seeds import read_entries
from services.knowledge.sparse import Floats
from services.knowledge.writers import Writer

GROUPS = 3
"""Of every three writers one is held out: who remains still writes in every way there is, but not as that one does."""
FOLDS = 5
STEPS = 30
RIDGE = 0.1
GRID = tuple(round(0.02 * step, 2) for step in range(1, 50))
CERTAIN_WRONG = 0.03
"""Share of questions that may get one answer, and the wrong one: of writers who were not learned from."""

MIX = {Side.QUESTION: 0.67, Side.COMPLAINT: 0.05, Side.PERSON: 0.04, Side.STRANGE: 0.24}
"""How much each side counts, however many of its texts there are.

Most who write have a question. What is nobody's matter counts more than it comes: a wrong answer to it is worse than a
person offered too often, and it has no end, so that held-out texts of it are less strange than clients will be.
"""

SIDES = {COMPLAINT: Side.COMPLAINT, HUMAN: Side.PERSON, NONE: Side.STRANGE}

WEIGHTS = tuple(round(0.1 * step, 1) for step in range(1, 14))
LEAST = 1e-3
"""What a right entry counts for that is not among the three best."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class _Asked:
    question: Question
    caught: Finding | None
    heard: Heard

    @property
    def right(self) -> bool:
        return self.heard.ranking.entries[0][0] in self.question.expected

    @property
    def side(self) -> Side:
        return next((SIDES[label] for label in self.question.expected if label in SIDES), Side.QUESTION)


def calibrate(knowledge: Knowledge, questions: Sequence[Question]) -> Thresholds:
    """The thresholds that follow from questions not learned from; a few hundred of all kinds are needed."""
    asked = [_ask(knowledge, question) for question in questions]
    free = [a for a in asked if a.caught is None]
    fitted = replace(
        knowledge.thresholds, sure=_logistic([a for a in free if a.side is Side.QUESTION]), sides=_softmax(free)
    )
    return replace(fitted, answer=_answer(asked, fitted))


def refit(folder: Path, questions: Sequence[Question], fold: int = 2) -> Thresholds:
    """The thresholds for a folder of seeds, from writers held out of it and from `questions`."""
    return refit_entries(read_entries(folder), Lexicon.read(folder), questions, fold)


def refit_entries(
    entries: Sequence[Entry], lexicon: Lexicon, questions: Sequence[Question], fold: int = 2
) -> Thresholds:
    """The same for entries that are published."""
    return calibrate(*_unlearned(entries, lexicon, questions, fold))


def refit_fusion(folder: Path, questions: Sequence[Question], vectors: Mapping[str, Floats], fold: int = 2) -> Fusion:
    """The same with an embedder: how much its vectors count, and the thresholds then.

    `vectors`: of every cleaned text of the folder and of `questions`.
    """
    knowledge, asked = _unlearned(read_entries(folder), Lexicon.read(folder), questions, fold)
    texts, owners = knowledge.taught()
    meaning = Meaning.learn(np.stack([vectors[text] for text in texts]), owners, len(knowledge.ranker.labels))
    cleaned = {knowledge.ranker.reader.clean(question.text) for question in asked}
    scores = {text: meaning.scores(vectors[text]) for text in cleaned if text}

    def fused(own: float, vector: float) -> Knowledge:
        return replace(knowledge, fusion=Fusion(own, vector, knowledge.thresholds)).with_sense(scores)

    own = min(WEIGHTS, key=lambda tried: _surprise(fused(tried, 1.0), asked))
    vector = min(WEIGHTS, key=lambda tried: _surprise(fused(own, tried), asked))
    return Fusion(own, vector, calibrate(fused(own, vector), asked))


def _unlearned(
    entries: Sequence[Entry], lexicon: Lexicon, questions: Sequence[Question], fold: int
) -> tuple[Knowledge, list[Question]]:
    """A knowledge base that has not learned from some writers, and what these wrote, with the `questions`.

    Where nothing that a writer wrote is left in the entries, and without writers, every fifth text is held out instead.
    """
    writers = lexicon.writers[fold % GROUPS :: GROUPS]
    kept, held = held_out(entries, writers, fold)
    rest, strangers = _examples_held_out(lexicon, writers, fold)
    knowledge = Knowledge.build(kept, replace(lexicon, examples=rest))
    return knowledge, [*held, *strangers, *questions]


def _surprise(knowledge: Knowledge, questions: Sequence[Question]) -> float:
    """How little of the share of all labels the right entries have, summed over answerable questions as a logarithm."""
    asked = [(q.expected, dict(knowledge.rank(q.text).entries[:SHOWN])) for q in questions if q.answerable]
    return -sum(math.log(max(LEAST, *map(found.get, right, repeat(0.0)))) for right, found in asked)


def write_thresholds(thresholds: Thresholds, path: Path, fusion: Fusion | None = None) -> None:
    """Store what was fitted as the seed file that the lexicon reads; its opening remark and fusion are kept."""
    kept = fusion or (fusion_of(read_plain(path).get("fusion")) if path.exists() else None)
    remark = [line for line in path.read_text("utf-8").splitlines() if line.startswith("#")] if path.exists() else []
    lines = [*remark, "version: 1", "thresholds:", *_lines(thresholds)]
    if kept:
        lines += ["fusion:", f"  own: {kept.own}", f"  vector: {kept.vector}", *_lines(kept.thresholds)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _lines(thresholds: Thresholds) -> list[str]:
    sides = [f"    - {list(row)}" for row in thresholds.sides]
    return [f"  sure: {list(thresholds.sure)}", "  sides:", *sides, f"  answer: {thresholds.answer}"]


def held_out(entries: Sequence[Entry], writers: Sequence[Writer], fold: int) -> tuple[list[Entry], list[Question]]:
    """Entries without what the writers asked, and that as questions.

    Every fifth phrasing is held out where nothing of the writers is left.
    """
    texts = {text for writer in writers for each in writer.phrasings.values() for text in each}
    if not any(text in texts for entry in entries for text in entry.chinese.phrasings):
        texts = {text for entry in entries for text in entry.chinese.phrasings[fold::FOLDS]}
    kept, questions = [], []
    for entry in entries:
        phrasings = entry.chinese.phrasings
        questions += [Question(text, frozenset({entry.entry_id})) for text in phrasings if text in texts]
        rest = tuple(text for text in phrasings if text not in texts)
        kept.append(replace(entry, chinese=replace(entry.chinese, phrasings=rest)))
    return kept, questions


def _examples_held_out(
    lexicon: Lexicon, writers: Sequence[Writer], fold: int
) -> tuple[dict[str, tuple[str, ...]], list[Question]]:
    """The examples without those of the writers, and those with what the figures expect of them."""
    expected = {Outcome.COMPLAINT.value: COMPLAINT, Outcome.PERSON.value: HUMAN}
    rest: dict[str, tuple[str, ...]] = {}
    strangers: list[Question] = []
    for kind, texts in lexicon.examples.items():
        theirs = {text for writer in writers for text in writer.examples.get(kind, ())}
        held = theirs if writers else {*texts[fold::FOLDS]}
        rest[kind] = tuple(text for text in texts if text not in held)
        if kind != QUESTION:
            strangers += [Question(text, frozenset({expected.get(kind, NONE)})) for text in texts if text in held]
    return rest, strangers


def _ask(knowledge: Knowledge, question: Question) -> _Asked:
    cleaned = knowledge.ranker.reader.clean(question.text)
    return _Asked(question, knowledge.caught(cleaned), knowledge.heard(cleaned))


def _answer(asked: Sequence[_Asked], thresholds: Thresholds) -> float:
    """The lowest that keeps the certain and wrong within their share of the answerable."""
    questions = [a for a in asked if a.side is Side.QUESTION]
    free = [a for a in questions if a.caught is None and side(a.heard, thresholds) is Side.QUESTION]
    wrong = [probability(a.heard, thresholds.sure) for a in free if not a.right]
    most = CERTAIN_WRONG * len(questions)
    return next((x for x in GRID if sum(sure >= x for sure in wrong) <= most), GRID[-1])


def _logistic(asked: Sequence[_Asked]) -> tuple[float, ...]:
    """Weights of the signals and of the constant for whether the first entry is right."""
    rows = np.array([[*signals(a.heard), 1.0] for a in asked])
    right = np.array([[a.right, not a.right] for a in asked], dtype=np.float64)
    weights = _descended(rows, right, np.ones(len(rows)))
    return _rounded(weights[0] - weights[1])


def _softmax(asked: Sequence[_Asked]) -> tuple[tuple[float, ...], ...]:
    """Weights of the clues and of the constant for each side, every side counting as in `MIX`."""
    rows = np.array([[*clues(a.heard), 1.0] for a in asked])
    sides = np.array([[a.side is each for each in Side] for a in asked], dtype=np.float64)
    counts = sides @ (np.array([MIX[each] for each in Side]) / np.maximum(sides.mean(axis=0), 1e-9))
    return tuple(map(_rounded, _descended(rows, sides, counts)))


def _descended(rows: Matrix, hits: Matrix, counts: Matrix) -> Matrix:
    """Softmax regression by Newton steps: a row of weights for each column of `hits`; rows count as `counts` says."""
    labels, width = hits.shape[1], rows.shape[1]
    weights = np.zeros((labels, width))
    for _ in range(STEPS):
        powers = np.exp(rows @ weights.T - (rows @ weights.T).max(axis=1, keepdims=True))
        shares = powers / powers.sum(axis=1, keepdims=True)
        slope = ((hits - shares) * counts[:, None]).T @ rows - RIDGE * weights
        bend = RIDGE * np.eye(labels * width)
        for i in range(labels):
            for j in range(labels):
                spread = counts * shares[:, i] * ((i == j) - shares[:, j])
                bend[i * width : (i + 1) * width, j * width : (j + 1) * width] += (rows * spread[:, None]).T @ rows
        weights = weights + np.linalg.solve(bend, slope.ravel()).reshape(labels, width)
    return weights


def _rounded(weights: Matrix) -> tuple[float, ...]:
    return tuple(round(float(weight), 4) for weight in weights)


def reliability(knowledge: Knowledge, questions: Sequence[Question], bins: int = 5) -> list[tuple[float, float, int]]:
    """The calibration table: mean confidence, share that was right, and count, for each equal band of confidence."""
    asked = [a for a in (_ask(knowledge, question) for question in questions) if a.caught is None]
    sure = [(probability(a.heard, knowledge.thresholds.sure), a.right) for a in asked]
    bands = [[pair for pair in sure if min(int(pair[0] * bins), bins - 1) == band] for band in range(bins)]
    return [(sum(p for p, _ in b) / len(b), sum(r for _, r in b) / len(b), len(b)) for b in bands if b]
