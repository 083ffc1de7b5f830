"""The files of questions stay apart from each other and from what the engine learns from."""

from pathlib import Path

import pytest

from services.knowledge.evaluate import COMPLAINT, HUMAN, NONE, Question, read_questions
from services.knowledge.knowledge import Knowledge
from services.knowledge.lexicon import Lexicon

HERE = Path(__file__).parent
FRESH = read_questions(HERE / "questions_fresh.tsv")
HELD = read_questions(HERE / "questions_held.tsv")
BLIND = read_questions(HERE / "questions_blind.tsv")
UNREAD = read_questions(HERE / "questions_unread.tsv")
GRUMBLES = read_questions(HERE / "questions_grumbles.tsv")
STREET = read_questions(HERE / "questions_street.tsv")
APART = (*FRESH, *HELD, *BLIND, *UNREAD, *GRUMBLES, *STREET)


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def _asked(questions: tuple[Question, ...]) -> list[str]:
    return [_bare(question.text) or question.text for question in questions]


@pytest.mark.parametrize("questions", [FRESH, HELD])
def test_each_file_asks_for_every_entry_and_every_label(knowledge: Knowledge, questions: tuple[Question, ...]) -> None:
    asked = {label for question in questions for label in question.expected}
    assert asked == {*knowledge.entries, NONE, COMPLAINT, HUMAN}


def test_no_question_stands_in_two_files() -> None:
    older = [*read_questions(HERE / "questions_dev.tsv"), *read_questions(HERE / "questions_more.tsv")]
    asked = _asked(APART)
    assert len(asked) == len(set(asked)) >= 700
    assert not set(asked) & set(_asked(tuple(older)))


def test_no_question_is_learned_from(knowledge: Knowledge) -> None:
    spoken = {_bare(text) for entry in knowledge.entries.values() for text in entry.chinese.phrasings}
    examples = {_bare(text) for texts in Lexicon.read().examples.values() for text in texts}
    elsewhere = {_bare(text) for entry in knowledge.entries.values() for text in entry.not_about}
    assert [q.text for q in APART if _bare(q.text) and _bare(q.text) in spoken | examples | elsewhere] == []
