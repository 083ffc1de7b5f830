"""Fits the thresholds of the decision on questions that the ranker has not learned from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.knowledge.decision import SHOWN, Fusion, Heard, Thresholds, decide, probability, signals
from services.knowledge.entry import Entry
from services.knowledge.evaluate import COMPLAINT, HUMAN, NONE, Figures, Question, figures
from services.knowledge.kinds import QUESTION
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon, fusion_of
from services.knowledge.meaning.learned import Meaning
from services.knowledge.outcome import Finding, Outcome
from services.knowledge.seeds import read_entries, read_plain
from services.knowledge.sparse import Floats

FOLDS = 5
STEPS = 30
RIDGE = 0.1
GRID = tuple(round(0.02 * step, 2) for step in range(1, 50))
LABEL_GRID = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
CHANCE = 0.005
"""Worth of a label threshold that a question or two decide: of such as differ by less, the highest takes least from
what an entry covers."""

WEIGHTS = tuple(round(0.1 * step, 1) for step in range(1, 14))
LEAST = 1e-3
"""What a right entry counts for that is not among the three best."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """What the fitted decision has to keep on held-out questions.

    They are harder than in use, because the ranker that is asked has learned from fewer phrasings, and from fewer
    examples of what is no question to it.
    """

    certain_wrong: float = 0.08
    none_refused: float = 0.88


@dataclass(frozen=True)
class _Asked:
    question: Question
    caught: Finding | None
    heard: Heard

    @property
    def right(self) -> bool:
        return self.heard.ranking.entries[0][0] in self.question.expected


def calibrate(
    knowledge: Knowledge, questions: Sequence[Question], limits: Limits | None = None, apart: Sequence[Question] = ()
) -> Thresholds:
    """The thresholds that show most right entries within the limits; needs a few hundred questions of all kinds.

    `apart`: questions as clients ask them, which tell from where a text counts as what is no question. Examples held
    out can't: each stands for a kind of its own, and few are as clients write.
    """
    kept = limits or Limits()
    asked = [_ask(knowledge, question) for question in questions]
    free = [a for a in asked if a.caught is None]
    sure = _logistic(free, [a.right for a in free])
    fitted = replace(knowledge.thresholds, sure=sure, relevant=_logistic(free, [a.question.answerable for a in free]))
    kinds = [_ask(knowledge, question) for question in apart] or asked
    fitted = replace(fitted, candidates=_candidates(asked, fitted, kept))
    fitted = replace(fitted, label=_label(kinds, fitted))
    return replace(fitted, answer=_answer(asked, fitted, kept))


def refit(folder: Path, questions: Sequence[Question], fold: int = 2) -> Thresholds:
    """The thresholds for a folder of seeds, from phrasings held out of it and the unanswerable ones of `questions`."""
    return refit_entries(read_entries(folder), Lexicon.read(folder), questions, fold)


def refit_entries(
    entries: Sequence[Entry], lexicon: Lexicon, questions: Sequence[Question], fold: int = 2
) -> Thresholds:
    """The same for entries that are published."""
    return calibrate(*_unlearned(entries, lexicon, questions, fold), apart=questions)


def refit_fusion(folder: Path, questions: Sequence[Question], vectors: Mapping[str, Floats], fold: int = 2) -> Fusion:
    """The same with an embedder: how much its vectors count, and the thresholds then.

    `vectors`: of every cleaned text of the folder and of `questions`.
    """
    knowledge, asked = _unlearned(read_entries(folder), Lexicon.read(folder), questions, fold)
    texts, owners = knowledge.taught()
    meaning = Meaning.learn(np.stack([vectors[text] for text in texts]), owners, len(knowledge.ranker.labels))
    cleaned = {knowledge.ranker.reader.clean(question.text) for question in (*asked, *questions)}
    scores = {text: meaning.scores(vectors[text]) for text in cleaned if text}

    def fused(own: float, vector: float) -> Knowledge:
        return replace(knowledge, fusion=Fusion(own, vector, knowledge.thresholds)).with_sense(scores)

    own = min(WEIGHTS, key=lambda tried: _surprise(fused(tried, 1.0), asked))
    vector = min(WEIGHTS, key=lambda tried: _surprise(fused(own, tried), asked))
    return Fusion(own, vector, calibrate(fused(own, vector), asked, apart=questions))


def _unlearned(
    entries: Sequence[Entry], lexicon: Lexicon, questions: Sequence[Question], fold: int
) -> tuple[Knowledge, list[Question]]:
    """A knowledge base that has not learned a fifth of its texts, and these with the unanswerable `questions`."""
    kept, held = held_out(entries, fold)
    rest = {label: _without(texts, texts[fold::FOLDS]) for label, texts in lexicon.examples.items()}
    knowledge = Knowledge.build(kept, replace(lexicon, examples=rest))
    return knowledge, [*held, *_strangers(lexicon, fold), *(q for q in questions if not q.answerable)]


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
    values = asdict(thresholds).items()
    return [f"  {name}: {list(value) if isinstance(value, tuple) else value}" for name, value in values]


def _strangers(lexicon: Lexicon, fold: int) -> list[Question]:
    """Every fifth example of what is no question to the knowledge base, with what the figures expect of it."""
    expected = {Outcome.COMPLAINT: COMPLAINT, Outcome.PERSON: HUMAN}
    kinds = {kind.value: name for kind, name in expected.items()}
    examples = lexicon.examples.items()
    others = ((label, texts) for label, texts in examples if label != QUESTION)
    return [Question(text, frozenset({kinds.get(label, NONE)})) for label, each in others for text in each[fold::FOLDS]]


def _without(texts: Sequence[str], left_out: Sequence[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if text not in left_out)


def held_out(entries: Sequence[Entry], fold: int) -> tuple[list[Entry], list[Question]]:
    """Entries without every fifth phrasing, and those phrasings as questions the ranker has not seen."""
    kept, questions = [], []
    for entry in entries:
        phrasings = entry.chinese.phrasings
        asked = phrasings[fold::FOLDS]
        questions += [Question(text, frozenset({entry.entry_id})) for text in asked]
        rest = _without(phrasings, asked)
        kept.append(replace(entry, chinese=replace(entry.chinese, phrasings=rest)))
    return kept, questions


def _ask(knowledge: Knowledge, question: Question) -> _Asked:
    cleaned = knowledge.ranker.reader.clean(question.text)
    return _Asked(question, knowledge.caught(cleaned), knowledge.heard(cleaned))


def _figures(asked: Sequence[_Asked], thresholds: Thresholds) -> Figures:
    return figures([(a.question, a.caught or decide(a.heard, thresholds)) for a in asked])


def _label(asked: Sequence[_Asked], thresholds: Thresholds) -> float:
    worths = {label: _label_worth(asked, replace(thresholds, label=label)) for label in LABEL_GRID}
    return max(label for label, worth in worths.items() if worth >= max(worths.values()) - CHANCE)


def _label_worth(asked: Sequence[_Asked], thresholds: Thresholds) -> float:
    found = _figures(asked, replace(thresholds, answer=1.1))
    complaints, persons = (
        found.complaint_recall + found.complaint_precision,
        found.person_recall + found.person_precision,
    )
    return found.top1 + complaints + persons


def _candidates(asked: Sequence[_Asked], thresholds: Thresholds, limits: Limits) -> float:
    lowest = (x for x in GRID if _figures(asked, replace(thresholds, candidates=x)).none_refused >= limits.none_refused)
    return next(lowest, GRID[-1])


def _answer(asked: Sequence[_Asked], thresholds: Thresholds, limits: Limits) -> float:
    lowest = (x for x in GRID if _figures(asked, replace(thresholds, answer=x)).certain_wrong <= limits.certain_wrong)
    return next(lowest, GRID[-1])


def _logistic(asked: Sequence[_Asked], hits: Sequence[bool]) -> tuple[float, ...]:
    """Logistic regression by Newton steps: the weights of the signals and of the constant."""
    rows = np.array([[*signals(a.heard), 1.0] for a in asked])
    right = np.array(hits, dtype=np.float64)
    weights = np.zeros(rows.shape[1])
    penalty = RIDGE * np.eye(rows.shape[1])
    for _ in range(STEPS):
        sure = 1 / (1 + np.exp(-(rows @ weights)))
        slope: Matrix = (rows * (sure * (1 - sure))[:, None]).T @ rows + penalty
        weights = weights + np.linalg.solve(slope, rows.T @ (right - sure) - penalty @ weights)
    return tuple(round(float(weight), 4) for weight in weights)


def reliability(knowledge: Knowledge, questions: Sequence[Question], bins: int = 5) -> list[tuple[float, float, int]]:
    """The calibration table: mean confidence, share that was right, and count, for each equal band of confidence."""
    asked = [a for a in (_ask(knowledge, question) for question in questions) if a.caught is None]
    sure = [(probability(a.heard, knowledge.thresholds.sure), a.right) for a in asked]
    bands = [[pair for pair in sure if min(int(pair[0] * bins), bins - 1) == band] for band in range(bins)]
    return [(sum(p for p, _ in b) / len(b), sum(r for _, r in b) / len(b), len(b)) for b in bands if b]
