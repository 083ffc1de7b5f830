"""The thresholds are fitted, and the fit can be repeated."""

from pathlib import Path

import pytest

from services.knowledge.calibrate import held_out, refit, reliability, write_thresholds
from services.knowledge.decision import Thresholds
from services.knowledge.evaluate import read_questions
from services.knowledge.knowledge import Knowledge
from services.knowledge.plain import read_plain
from services.knowledge.seeds import SEEDS, read_entries
from services.knowledge.writers import read_writers
from tests.services.knowledge.fit import fitted_on

QUESTIONS = read_questions(Path(__file__).parent / "questions_dev.tsv")


def test_the_stored_thresholds_are_those_that_a_new_fit_gives(knowledge: Knowledge) -> None:
    fitted, stored = refit(SEEDS, fitted_on()), knowledge.thresholds
    assert fitted.answer == pytest.approx(stored.answer, abs=0.05)
    assert fitted.sure == pytest.approx(stored.sure, abs=0.2)
    for fitted_row, stored_row in zip(fitted.sides, stored.sides, strict=True):
        assert fitted_row == pytest.approx(stored_row, abs=0.2)


def test_nothing_that_a_held_out_writer_asked_stays_with_the_entries() -> None:
    writer, *_ = read_writers(SEEDS)
    kept, questions = held_out(read_entries(), [writer], 2)
    learned = {text for entry in kept for text in entry.chinese.phrasings}
    assert {question.text for question in questions} == {text for each in writer.phrasings.values() for text in each}
    assert not learned & {question.text for question in questions}


def test_without_writers_every_fifth_phrasing_is_held_out() -> None:
    kept, questions = held_out(read_entries(), [], 2)
    learned = {text for entry in kept for text in entry.chinese.phrasings}
    assert len(questions) > 600
    assert not learned & {question.text for question in questions}


def test_confidence_means_what_it_says_on_questions_written_apart(knowledge: Knowledge) -> None:
    bands = [band for band in reliability(knowledge, QUESTIONS) if band[2] >= 20]
    assert bands
    assert all(right >= sure - 0.1 for sure, right, _ in bands)


def test_written_thresholds_are_read_back_below_the_remark(tmp_path: Path) -> None:
    file = tmp_path / "thresholds.yaml"
    file.write_text("# remark\nthresholds: {}\n", "utf-8")
    write_thresholds(Thresholds((0.1, 0.2), ((0.3, -0.4), (0.5, 0.6)), 0.7), file)
    assert file.read_text("utf-8").startswith("# remark\n")
    assert read_plain(file)["thresholds"] == {"sure": [0.1, 0.2], "sides": [[0.3, -0.4], [0.5, 0.6]], "answer": 0.7}
