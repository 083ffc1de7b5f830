"""The courses and lessons that came with the branch, checked as a whole before anybody reads one."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.vocabulary import Interest, RiskLevel
from storage import seeds

FILE = "lessons/lessons_zh.yaml"
MOST_SHOWN = 6
"""As many things to choose from as every channel can show."""

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Strict):
    """One question of a quiz; `answer` is the key of the right option."""

    question: Words
    options: dict[Annotated[str, StringConstraints(pattern=r"^[A-E]$")], Words] = Field(
        min_length=2, max_length=MOST_SHOWN - 1
    )
    answer: str
    explanation: Words

    @model_validator(mode="after")
    def _answered(self) -> Self:
        if self.answer not in self.options:
            raise ValueError(f"the answer {self.answer!r} is none of the options")
        return self


class Lesson(_Strict):
    """One lesson; `audience` are the levels that it suits, `date_check` that its rules and figures may have changed."""

    id: Word
    course: Word
    order: int = Field(ge=1)
    title: Words
    level: Words
    topics: tuple[Words, ...]
    audience: tuple[RiskLevel, ...] = Field(min_length=1)
    minutes: int = Field(ge=1)
    summary: Words
    body: Words
    key_points: tuple[Words, ...] = Field(min_length=1)
    risk_notice: bool
    as_of: date
    date_check: bool
    quiz: tuple[Question, ...] = Field(min_length=1)

    def right(self, answers: Sequence[str]) -> int:
        """How many of the questions these answers, in order, get right."""
        return sum(given == one.answer for given, one in zip(answers, self.quiz, strict=False))


class Course(_Strict):
    """One course with its lessons in their order, and the subjects of clients that it is about."""

    id: Word
    title: Words
    summary: Words
    interests: tuple[Interest, ...] = ()
    lessons: tuple[Word, ...] = Field(min_length=1, max_length=MOST_SHOWN)


class Library(_Strict):
    """All of it; `version` is what a completion is kept with."""

    version: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    courses: tuple[Course, ...] = Field(min_length=1, max_length=MOST_SHOWN)
    lessons: tuple[Lesson, ...]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if faults := [*_twice(self), *_dangling(self)]:
            raise ValueError("; ".join(faults))
        return self

    def course(self, name: str) -> Course | None:
        """The course of that name."""
        return next((course for course in self.courses if course.id == name), None)

    def lesson(self, name: str) -> Lesson | None:
        """The lesson of that name."""
        return next((lesson for lesson in self.lessons if lesson.id == name), None)

    def course_of(self, lesson: Lesson) -> Course:
        """The course that a lesson belongs to."""
        return next(course for course in self.courses if course.id == lesson.course)

    def of(self, course: Course) -> list[Lesson]:
        """A course's lessons in their order."""
        return [lesson for name in course.lessons if (lesson := self.lesson(name))]


@cache
def packaged() -> Library:
    """The library that came with the branch; ValueError with every fault in it."""
    return Library.model_validate(seeds.read(FILE))


def title(name: str) -> str:
    """The title of a lesson; of one that is no longer taught its id."""
    known = packaged().lesson(name)
    return known.title if known else name


def _twice(library: Library) -> Iterator[str]:
    courses, lessons = [one.id for one in library.courses], [one.id for one in library.lessons]
    for noun, names in (("course", courses), ("lesson", lessons)):
        yield from (f"{noun} {name} is there twice" for name in sorted({one for one in names if names.count(one) > 1}))


def _dangling(library: Library) -> Iterator[str]:
    """What courses and lessons say of each other."""
    courses = {course.id for course in library.courses}
    yield from (
        f"lesson {lesson.id} is of no course: {lesson.course}"
        for lesson in library.lessons
        if lesson.course not in courses
    )
    for course in library.courses:
        own = sorted((lesson.order, lesson.id) for lesson in library.lessons if lesson.course == course.id)
        if [name for _, name in own] != list(course.lessons):
            yield f"course {course.id} does not list its own lessons in their order"
