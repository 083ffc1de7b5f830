"""The library of lessons is whole, or refused with every fault."""

import copy
from typing import Any

import pytest

from bot.vocabulary import RiskLevel
from services.lessons.library import FILE, Library, packaged
from storage import seeds


def spoilt() -> Any:
    """A library of one course and two lessons, to be changed."""
    seed = copy.deepcopy(seeds.read(FILE))
    course = seed["courses"][0] | {"lessons": ["stock-what", "stock-orders"]}
    return {"version": "t", "courses": [course], "lessons": seed["lessons"][:2]}


def test_the_packaged_one_is_whole() -> None:
    library = packaged()
    assert [len(library.of(course)) for course in library.courses] == [6] * 6
    assert len(library.lessons) == 36
    assert {len(lesson.quiz) for lesson in library.lessons} == {3}
    assert not [lesson.id for lesson in library.lessons if RiskLevel.C1_MIN in lesson.audience]
    assert Library.model_validate(spoilt()).version == "t"


def test_every_dangling_and_double_name_is_told() -> None:
    seed = spoilt()
    seed["lessons"].append(seed["lessons"][0])
    seed["lessons"][1]["course"] = "nowhere"
    seed["courses"].append(seed["courses"][0])
    with pytest.raises(ValueError, match="course stock-basics is there twice") as told:
        Library.model_validate(seed)
    for fault in (
        "lesson stock-what is there twice",
        "lesson stock-orders is of no course: nowhere",
        "course stock-basics does not list its own lessons in their order",
    ):
        assert fault in str(told.value)


def test_missing_answers_are_told_with_their_places() -> None:
    seed = spoilt()
    del seed["lessons"][0]["quiz"][1]["answer"]
    seed["lessons"][1]["quiz"][2]["answer"] = "E"
    seed["lessons"][1]["bodies"] = "x"
    with pytest.raises(ValueError, match="3 validation errors") as told:
        Library.model_validate(seed)
    places = ("lessons.0.quiz.1.answer", "lessons.1.quiz.2", "lessons.1.bodies")
    assert [place for place in places if place not in str(told.value)] == []


def test_a_quiz_is_scored_by_its_answers() -> None:
    lesson = packaged().lesson("stock-what")
    assert lesson is not None
    assert lesson.right(["B", "C", "A"]) == 3
    assert lesson.right(["B", "A"]) == 1
