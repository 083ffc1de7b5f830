"""A version of the questionnaire: its questions, how answers are scored, and what is checked before a result holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.vocabulary import CheckAction, Locale, RiskLevel

Answers = Mapping[str, str]
"""Keys of the options chosen, by question."""

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,32}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
MOST_OPTIONS = 6
"""As many as every channel can show."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Strict):
    """One answer; `minimum` puts the client into the lowest class whatever the sum, `ages` are both inclusive."""

    key: Word
    text: dict[Locale, Words]
    score: int = 0
    minimum: bool = False
    value: str | None = None
    ages: tuple[tuple[int, int], ...] = ()


class Question(_Strict):
    """One question; `records` names what the answer's value is kept as."""

    id: Word
    text: dict[Locale, Words]
    options: tuple[Option, ...] = Field(min_length=2, max_length=MOST_OPTIONS)
    records: Word | None = None

    def option(self, key: str) -> Option | None:
        """The option with a key."""
        return next((option for option in self.options if option.key == key), None)


class Band(_Strict):
    """The scores of a level, both ends included."""

    level: RiskLevel
    first: int = Field(alias="from")
    last: int = Field(alias="to")


class Check(_Strict):
    """What is looked at before a result holds; exactly one of these ways.

    `answers` given together, a client who is `younger_than` so many years, an age that differs from the one on
    record, a result that many `levels` from the last one, or fewer `seconds` than an honest answer takes.
    """

    id: Word
    action: CheckAction
    answers: dict[Word, Word] = {}
    younger_than: int | None = Field(None, ge=1)
    age_question: Word | None = None
    levels: int | None = Field(None, ge=1)
    seconds: int | None = Field(None, ge=1)


class Limits(_Strict):
    """How many results a client may get: in a day of the branch, and in 365 days."""

    per_day: int = Field(ge=1)
    per_year: int = Field(ge=1)


class Questionnaire(_Strict):
    """One version; `minutes` is what it takes, `keep_hours` how long one that was broken off may be gone on with."""

    version: Word
    sample: bool = False
    valid_days: int = Field(ge=1, le=3650)
    minutes: int = Field(ge=1)
    keep_hours: int = Field(ge=1, le=720)
    limits: Limits
    questions: tuple[Question, ...] = Field(min_length=1)
    bands: tuple[Band, ...] = Field(min_length=1)
    checks: tuple[Check, ...] = ()

    def question(self, name: str) -> Question | None:
        """The question of that name."""
        return next((question for question in self.questions if question.id == name), None)

    def next_after(self, answers: Answers) -> Question | None:
        """The first question without an answer."""
        return next((question for question in self.questions if question.id not in answers), None)

    def chosen(self, answers: Answers) -> list[Option]:
        """The options chosen, in the order of the questions."""
        found = [question.option(answers.get(question.id, "")) for question in self.questions]
        return [option for option in found if option is not None]

    def score(self, answers: Answers) -> int:
        """The sum."""
        return sum(option.score for option in self.chosen(answers))

    def level(self, answers: Answers) -> RiskLevel:
        """The level of the sum, or the lowest class where an answer says so."""
        if any(option.minimum for option in self.chosen(answers)):
            return RiskLevel.C1_MIN
        total = self.score(answers)
        return next(band.level for band in self.bands if band.first <= total <= band.last)

    def records(self, answers: Answers) -> dict[str, str]:
        """What is kept beside the level: horizon, objective, what the client means to invest in."""
        pairs = ((question.records, question.option(answers.get(question.id, ""))) for question in self.questions)
        return {name: option.value for name, option in pairs if name and option and option.value}


class FaultKind(StrEnum):
    """What is wrong at a place of a file."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    SURPLUS = "surplus"
    NOT_UNDERSTOOD = "not_understood"
    TWICE = "twice"
    LANGUAGE = "language"
    REACH = "reach"
    GAP = "gap"
    ORDER = "order"
    NO_ANSWER = "no_answer"
    WAYS = "ways"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault and its place, as names joined by dots."""

    place: str
    kind: FaultKind


_SHAPES = {"missing": FaultKind.MISSING, "extra_forbidden": FaultKind.SURPLUS}


def read(raw: bytes) -> Questionnaire | list[Fault]:
    """The questionnaire that a YAML file describes, or every fault in it."""
    try:
        found = Questionnaire.model_validate(yaml.load(raw, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return [Fault("-", FaultKind.UNREADABLE)]
    except ValidationError as error:
        return [_of_shape(each["loc"], each["type"]) for each in error.errors()]
    return [*_of_questions(found), *_of_bands(found), *_of_checks(found)] or found


def _of_shape(place: tuple[int | str, ...], kind: str) -> Fault:
    return Fault(".".join(map(str, place)) or "-", _SHAPES.get(kind, FaultKind.NOT_UNDERSTOOD))


def _of_questions(one: Questionnaire) -> Iterator[Fault]:
    names = [question.id for question in one.questions]
    yield from (Fault(name, FaultKind.TWICE) for name in sorted({name for name in names if names.count(name) > 1}))
    for question in one.questions:
        keys = [option.key for option in question.options]
        if len(set(keys)) < len(keys):
            yield Fault(question.id, FaultKind.TWICE)
        texts = [question.text, *(option.text for option in question.options)]
        if any(set(text) != set(Locale) for text in texts):
            yield Fault(question.id, FaultKind.LANGUAGE)


def _of_bands(one: Questionnaire) -> Iterator[Fault]:
    """Every sum that can come out has exactly one level, and more points never mean a lower one."""
    lowest = sum(min(option.score for option in question.options) for question in one.questions)
    highest = sum(max(option.score for option in question.options) for question in one.questions)
    if one.bands[0].first > lowest or one.bands[-1].last < highest:
        yield Fault("bands", FaultKind.REACH)
    empty = any(band.last < band.first for band in one.bands)
    if empty or any(later.first != earlier.last + 1 for earlier, later in pairwise(one.bands)):
        yield Fault("bands", FaultKind.GAP)
    order = list(RiskLevel)
    if any(order.index(later.level) <= order.index(earlier.level) for earlier, later in pairwise(one.bands)):
        yield Fault("bands", FaultKind.ORDER)


def _of_checks(one: Questionnaire) -> Iterator[Fault]:
    for check in one.checks:
        place = f"checks.{check.id}"
        ways = (check.answers or None, check.younger_than, check.age_question, check.levels, check.seconds)
        if sum(way is not None for way in ways) != 1:
            yield Fault(place, FaultKind.WAYS)
        asked = [(one.question(name), key) for name, key in check.answers.items()]
        if any(question is None or question.option(key) is None for question, key in asked):
            yield Fault(place, FaultKind.NO_ANSWER)
        if check.age_question is not None and one.question(check.age_question) is None:
            yield Fault(place, FaultKind.NO_ANSWER)
