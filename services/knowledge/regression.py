"""The regression set: questions asked of the knowledge base before and after each publication."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import Refused
from bot.vocabulary import Action, Locale
from services import audit, staff
from services.audit import Deed
from services.knowledge import dialogue
from services.knowledge.evaluate import COMPLAINT, HUMAN, NONE, NOT_ANSWERED, SHOWING, Question, figures
from services.knowledge.knowledge import Knowledge
from services.knowledge.outcome import Finding, Outcome
from services.knowledge.published import stock_of
from storage.repositories import publications as rows
from storage.repositories.publications import LONGEST_QUESTION, RegressionQuestion, Worse
from storage.repositories.staff import Staff
from storage.unit import Unit

LABELS = frozenset({NONE, COMPLAINT, HUMAN})
_OUTCOMES = {NONE: NOT_ANSWERED, COMPLAINT: {Outcome.COMPLAINT}, HUMAN: {Outcome.PERSON}}


class Grade(StrEnum):
    """How a question came out, the worst first: a wrong answer was given, nothing right came first, all is right."""

    WRONG = "wrong"
    MISSED = "missed"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Run:
    """The set asked of one knowledge base: a grade for each question, in order, and the figures."""

    grades: tuple[Grade, ...]
    shares: dict[str, float]


def grade(question: Question, finding: Finding) -> Grade:
    """How one question came out."""
    labels = question.expected & LABELS
    if labels:
        right = any(finding.outcome in _OUTCOMES[label] for label in labels)
    else:
        right = finding.outcome in SHOWING and finding.entries[0].entry_id in question.expected
    if right:
        return Grade.RIGHT
    return Grade.WRONG if finding.outcome is Outcome.ANSWERED else Grade.MISSED


def asked(knowledge: Knowledge, questions: Sequence[Question]) -> Run:
    """Ask them all, each as the first message of a conversation."""
    cases = [(question, dialogue.find(knowledge, question.text, Locale.ZH_CN)) for question in questions]
    return Run(tuple(grade(*case) for case in cases), asdict(figures(cases)))


def worse(questions: Sequence[Question], before: Run, after: Run) -> tuple[Worse, ...]:
    """The questions that came out worse than before."""
    order = list(Grade)
    triples = zip(questions, before.grades, after.grades, strict=True)
    return tuple(
        Worse(question.text, tuple(sorted(question.expected)), old.value, new.value)
        for question, old, new in triples
        if order.index(new) < order.index(old)
    )


def better(before: Run, after: Run) -> int:
    """How many came out better than before."""
    order = list(Grade)
    return sum(order.index(new) > order.index(old) for old, new in zip(before.grades, after.grades, strict=True))


def questions_of(unit: Unit) -> tuple[Question, ...]:
    """The set, as it is asked."""
    return tuple(Question(one.question, frozenset(one.expected)) for one in rows.questions(unit))


def add(unit: Unit, person: Staff, questions: Sequence[Question], now: datetime, reason: str | None = None) -> int:
    """Take questions into the set; those known already are left alone. Returns how many are new."""
    staff.demand(person, Action.WRITE_KNOWLEDGE)
    known = {edition.entry_id for edition in stock_of(unit).editions} | LABELS
    for question in questions:
        if not question.text.strip() or len(question.text) > LONGEST_QUESTION:
            raise Refused("knowledge_question_length", longest=LONGEST_QUESTION)
        if not question.expected:
            raise Refused("knowledge_question_aim")
        if unknown := sorted(question.expected - known):
            raise Refused("knowledge_entry_unknown", entry=unknown[0])
    wanted = {question.text.strip(): sorted(question.expected) for question in questions}
    added = rows.ask(unit, wanted, person.id, now)
    audit.record(unit, Deed("knowledge.ask", "knowledge", now, person.id, {"questions": added}, reason))
    return added


def remove(unit: Unit, person: Staff, question_id: int, reason: str, now: datetime) -> None:
    """Take a question out of the set, for a reason: it is what guards the answers."""
    staff.demand(person, Action.APPROVE_KNOWLEDGE)
    if not reason.strip():
        raise Refused("knowledge_reason")
    words = rows.ask_no_more(unit, question_id)
    if words is None:
        raise Refused("knowledge_question_unknown")
    audit.record(unit, Deed("knowledge.unask", "knowledge", now, person.id, {"question": words}, reason.strip()))


def listed(unit: Unit, person: Staff) -> list[RegressionQuestion]:
    """The set with who added each question, the oldest first."""
    staff.demand(person, Action.READ_KNOWLEDGE)
    return rows.questions(unit)
