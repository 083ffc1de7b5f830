"""Conditions on lessons and courses: only those that are taught, and a course stands for its lessons."""

from typing import Any

import pytest

from bot.errors import Refused
from bot.vocabulary.conditions import All, ConditionWrong, Not, Test
from bot.vocabulary.fields import Operator
from services.lessons.library import packaged
from services.segments import frozen, parsed, read
from services.segments.choices import every_lesson

TAG: dict[str, Any] = {"field": "tag", "is": "has", "value": "两融"}


def learned(field: str, value: str) -> dict[str, Any]:
    return {"field": field, "is": "has", "value": value}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (learned("lesson", "no-such"), "value"),
        (learned("course", "fund-nav"), "value"),
        ({"all": [TAG, learned("lesson", "fund-basics")]}, "all[1].value"),
        ({"any": [TAG, {"not": {"all": [learned("course", "x")]}}]}, "any[1].not.all[0].value"),
    ],
)
def test_one_that_nobody_teaches_is_refused_with_its_place(document: dict[str, Any], place: str) -> None:
    with pytest.raises(ConditionWrong) as wrong:
        parsed(document)
    assert (wrong.value.place, wrong.value.fault) == (place, "unknown")
    with pytest.raises(Refused, match="condition_unknown") as refused:
        read(document)
    assert refused.value.parameters["place"] == place
    assert frozen(document) is not None


def test_a_course_is_all_of_its_lessons() -> None:
    course = packaged().courses[0]
    whole = All(tuple(Test("lesson", Operator.HAS, name) for name in course.lessons))
    assert every_lesson(Test("course", Operator.HAS, course.id)) == whole
    assert every_lesson(Test("course", Operator.HAS_NOT, course.id)) == Not(whole)
    with pytest.raises(Refused, match="condition_unknown"):
        every_lesson(Test("course", Operator.HAS, "no-such"))
