"""The thresholds are fitted, and the fit can be repeated."""

from pathlib import Path

import pytest

from services.knowledge.calibrate import held_out, refit, reliability, write_thresholds
from services.knowledge.decision import Thresholds
from services.knowledge.evaluate import read_questions
from services.knowledge.knowledge import Knowledge
from services.knowledge.seeds import SEEDS, read_entries, read_plain
from tests.services.knowledge.fit import fitted_on

QUESTIONS = read_questions(Path(__file__).parent / "questions_dev.tsv")


def test_the_stored_thresholds_are_those_that_a_new_fit_gives(knowledge: Knowledge) -> None:
    fitted, stored = refit(SEEDS, fitted_on()), knowledge.thresholds
    assert (fitted.answer, fitted.candidates, fitted.label) == pytest.approx(
        (stored.answer, stored.candidates, stored.label), abs=0.05
    )
    assert fitted.sure == pytest.approx(stored.sure, abs=0.2)
    assert fitted.relevant == pytest.approx(stored.relevant, abs=0.2)


def test_no_held_out_phrasing_stays_with_the_entries() -> None:
    kept, questions = held_out(read_entries(), 2)
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
    write_thresholds(Thresholds((0.1, 0.2), (0.3,), 0.7, 0.4, 0.5), file)
    assert file.read_text("utf-8").startswith("# remark\n")
    assert read_plain(file)["thresholds"] == {
        "sure": [0.1, 0.2],
        "relevant": [0.3],
        "answer": 0.7,
        "candidates": 0.4,
        "label": 0.5,
    }
