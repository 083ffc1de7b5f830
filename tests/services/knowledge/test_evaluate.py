"""The figures are counted as design.md section 5 defines them."""

from pathlib import Path

import pytest

from services.knowledge.evaluate import Question, evaluate, read_questions
from services.knowledge.outcome import Finding, Outcome, Scored

ANSWERS = {
    "right": Finding(Outcome.ANSWERED, (Scored("a", 0.9),)),
    "wrong": Finding(Outcome.ANSWERED, (Scored("b", 0.9), Scored("a", 0.1))),
    "third": Finding(Outcome.CANDIDATES, (Scored("x", 0.3), Scored("y", 0.2), Scored("a", 0.1))),
    "lost": Finding(Outcome.UNKNOWN),
    "rain": Finding(Outcome.REFUSED, (), "out_of_scope"),
    "hello": Finding(Outcome.GREETING),
    "odd": Finding(Outcome.OPT_OUT),
    "angry": Finding(Outcome.COMPLAINT),
    "calm": Finding(Outcome.COMPLAINT),
    "staff": Finding(Outcome.PERSON),
}
EXPECTED = {
    "right": "a|c", "wrong": "a", "third": "a", "lost": "a", "rain": "NONE", "hello": "NONE", "odd": "NONE",
    "angry": "COMPLAINT", "calm": "a", "staff": "HUMAN",
}  # fmt: skip


def test_each_figure_is_the_share_that_its_name_says() -> None:
    questions = [Question(text, frozenset(expected.split("|"))) for text, expected in EXPECTED.items()]
    found = evaluate(questions, ANSWERS.__getitem__)
    assert (found.top1, found.top3, found.n) == (0.2, 0.6, 10)
    assert (found.answered_share, found.certain_wrong) == (0.4, 0.2)
    assert found.none_refused == 0.6667
    assert (found.complaint_recall, found.complaint_precision) == (1.0, 0.5)
    assert (found.person_recall, found.person_precision) == (1.0, 1.0)


def test_no_questions_give_zeroes() -> None:
    found = evaluate([], ANSWERS.__getitem__)
    assert (found.n, found.top1, found.person_precision) == (0, 0.0, 0.0)


def test_a_file_is_read_with_its_alternatives(tmp_path: Path) -> None:
    file = tmp_path / "q.tsv"
    file.write_text("query\texpected_id\n怎么开户\ta|b\n\n在吗\tNONE\n", "utf-8")
    assert read_questions(file) == (
        Question("怎么开户", frozenset({"a", "b"})),
        Question("在吗", frozenset({"NONE"})),
    )


def test_a_line_without_an_id_is_named(tmp_path: Path) -> None:
    file = tmp_path / "q.tsv"
    file.write_text("query\texpected_id\n怎么开户\ta\n没有制表符\n", "utf-8")
    with pytest.raises(ValueError, match=r"q\.tsv:3"):
        read_questions(file)
