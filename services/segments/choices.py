"""What a field's values may be: as the language says, or, of lessons and courses, what the branch teaches."""

from collections.abc import Collection, Mapping

from bot.errors import Refused
from bot.vocabulary.conditions import All, Condition, ConditionFault, ConditionWrong, Not, Test, parse, placed
from bot.vocabulary.fields import FIELDS, Operator
from services.lessons import library

LESSON = "lesson"
COURSE = "course"


def titles(field: str) -> Mapping[str, str]:
    """The values of a field that have titles of their own, with these; empty for every other field."""
    if field == LESSON:
        return {lesson.id: lesson.title for lesson in library.packaged().lessons}
    return {course.id: course.title for course in library.packaged().courses} if field == COURSE else {}


def choices(field: str) -> tuple[str, ...]:
    """What its values may be, in the order in which an editor offers them; empty for free words."""
    return FIELDS[field].choices or tuple(titles(field))


def parsed(document: object) -> Condition:
    """Read a condition from JSON; ConditionWrong with the place, also for a lesson or course that there is none of."""
    condition = parse(document)
    for place, leaf in placed(condition):
        if isinstance(leaf, Test):
            _demand_known(leaf, titles(leaf.field), f"{place}value")
    return condition


def every_lesson(test: Test) -> Condition:
    """A course as its lessons, of which each is completed, or not all; Refused where there is no such course."""
    course = library.packaged().course(str(test.value))
    if course is None:
        raise Refused(f"condition_{ConditionFault.UNKNOWN}", place=test.field, name=str(test.value))
    whole = All(tuple(Test(LESSON, Operator.HAS, name) for name in course.lessons))
    return whole if test.operator is Operator.HAS else Not(whole)


def _demand_known(test: Test, known: Collection[str], place: str) -> None:
    if known and test.value not in known:
        raise ConditionWrong(place, ConditionFault.UNKNOWN, name=str(test.value))
