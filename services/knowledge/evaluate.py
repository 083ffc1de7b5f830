"""Measures the answer engine on questions whose right entry is known."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.knowledge.outcome import Finding, Outcome

NONE, COMPLAINT, HUMAN = "NONE", "COMPLAINT", "HUMAN"
NOT_ANSWERED = frozenset({Outcome.REFUSED, Outcome.UNKNOWN, Outcome.GREETING, Outcome.PERSON})
SHOWING = frozenset({Outcome.ANSWERED, Outcome.CANDIDATES, Outcome.CLARIFY})


@dataclass(frozen=True)
class Question:
    """A question and what is right: entry ids, or NONE, COMPLAINT or HUMAN."""

    text: str
    expected: frozenset[str]

    @property
    def answerable(self) -> bool:
        """Whether an entry answers it."""
        return not self.expected & {NONE, COMPLAINT, HUMAN}


@dataclass(frozen=True)
class Figures:
    """Shares of 1; a share over nothing is 0. `n` counts the questions."""

    top1: float
    top3: float
    answered_share: float
    certain_wrong: float
    none_refused: float
    complaint_recall: float
    complaint_precision: float
    person_recall: float
    person_precision: float
    n: int


Case = tuple[Question, Finding]


def read_questions(path: Path) -> tuple[Question, ...]:
    """Of a file with a heading line and `query<TAB>expected` below; ValueError names the line of a fault."""
    questions = []
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines()[1:], start=2):
        if not line.strip():
            continue
        text, tab, expected = line.partition("\t")
        if not tab or not expected.strip():
            raise ValueError(f"{path}:{number}: expected a question, a tab and an id")
        questions.append(Question(text, frozenset(part.strip() for part in expected.split("|"))))
    return tuple(questions)


def evaluate(questions: Iterable[Question], find: Callable[[str], Finding]) -> Figures:
    """The figures over questions, each asked of `find`."""
    return figures([(question, find(question.text)) for question in questions])


def figures(cases: Sequence[Case]) -> Figures:
    """The figures over questions already asked."""
    asked = [case for case in cases if case[0].answerable]
    none = [finding for question, finding in cases if NONE in question.expected]
    return Figures(
        top1=_share(_right(case, 1) for case in asked),
        top3=_share(_right(case, 3) for case in asked),
        answered_share=_share(finding.outcome is Outcome.ANSWERED for _, finding in asked),
        certain_wrong=_share(f.outcome is Outcome.ANSWERED and not _right((q, f), 1) for q, f in asked),
        none_refused=_share(finding.outcome in NOT_ANSWERED for finding in none),
        complaint_recall=_recall(cases, COMPLAINT, Outcome.COMPLAINT),
        complaint_precision=_precision(cases, COMPLAINT, Outcome.COMPLAINT),
        person_recall=_recall(cases, HUMAN, Outcome.PERSON),
        person_precision=_precision(cases, HUMAN, Outcome.PERSON),
        n=len(cases),
    )


def _right(case: Case, among: int) -> bool:
    question, finding = case
    shown = finding.entries[:among] if finding.outcome in SHOWING else ()
    return any(scored.entry_id in question.expected for scored in shown)


def _recall(cases: Sequence[Case], expected: str, outcome: Outcome) -> float:
    return _share(finding.outcome is outcome for question, finding in cases if expected in question.expected)


def _precision(cases: Sequence[Case], expected: str, outcome: Outcome) -> float:
    return _share(expected in question.expected for question, finding in cases if finding.outcome is outcome)


def _share(hits: Iterable[bool]) -> float:
    listed = list(hits)
    return round(sum(listed) / len(listed), 4) if listed else 0.0
