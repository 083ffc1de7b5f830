"""The condition language of segments: a tree of all / any / not over tests of a client's fields.

As JSON: {"all": [...]}, {"any": [...]}, {"not": ...}, {"segment": "its name"} or
{"field": "risk_level", "is": "in", "value": ["C3", "C4"]}.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from bot.vocabulary.fields import DAYS, FIELDS, OPERATORS, Field, FieldType, Operator

DEEPEST = 8
MOST_TESTS = 200
"""In one condition; more of them would take databases to their limits of depth."""

LONGEST_SPAN = 36500
HIGHEST_NUMBER = 1_000_000
LONGEST_WORD = 80

Value = str | int | tuple[str, ...] | tuple[int, ...]
"""Of a test: a word, a day as 2026-11-23, a number, true or false, or several of them."""


class ConditionFault(StrEnum):
    """What is wrong at a place of a condition."""

    MANY = "many"
    DEEP = "deep"
    OBJECT = "object"
    LIST = "list"
    PARTS = "parts"
    FIELD = "field"
    OPERATOR = "operator"
    PAIR = "pair"
    ORDER = "order"
    SEVERAL = "several"
    DAYS = "days"
    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"
    LINE = "line"
    DAY = "day"
    CHOICE = "choice"
    UNKNOWN = "unknown"


class ConditionWrong(ValueError):
    """A condition that can't be read; `place` says where, such as `all[1].value`, `told` what its words need."""

    def __init__(self, place: str, fault: ConditionFault, **told: str | int) -> None:
        super().__init__(f"{place or 'condition'}: {fault}")
        self.place = place
        self.fault = fault
        self.told = told


@dataclass(frozen=True, slots=True)
class Test:
    """One field compared with a value."""

    __test__ = False  # pytest collects classes of this name

    field: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; holds for everybody when empty."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class InSegment:
    """The client is in a named segment; `list_id` is known once the name was looked up and turned out a fixed list."""

    name: str
    list_id: int | None = field(default=None, compare=False)


Condition = All | AnyOf | Not | Test | InSegment


def parse(document: object) -> Condition:
    """Read a condition from JSON; raises ConditionWrong with the place."""
    condition = _tree(document, "", 0)
    if sum(1 for _ in leaves(condition)) > MOST_TESTS:
        raise ConditionWrong("", ConditionFault.MANY, most=MOST_TESTS)
    return condition


def leaves(condition: Condition) -> Iterator[Test | InSegment]:
    """The tests of a condition and the segments it names, in order."""
    return (leaf for _, leaf in placed(condition))


def placed(condition: Condition, place: str = "") -> Iterator[tuple[str, Test | InSegment]]:
    """The same, each with its place as faults name it, such as `all[1].`."""
    if isinstance(condition, All | AnyOf):
        word = "all" if isinstance(condition, All) else "any"
        for index, part in enumerate(condition.parts):
            yield from placed(part, f"{place}{word}[{index}].")
    elif isinstance(condition, Not):
        yield from placed(condition.part, f"{place}not.")
    else:
        yield place, condition


def named(condition: Condition) -> list[str]:
    """The segments that a condition names, each once."""
    return list(dict.fromkeys(leaf.name for leaf in leaves(condition) if isinstance(leaf, InSegment)))


def mentioned(document: object) -> Iterator[str]:
    """The segments that a document names, also one that can't be read."""
    if isinstance(document, Mapping):
        named_here = document.get("segment")
        if isinstance(named_here, str):
            yield named_here
        for part in document.values():
            yield from mentioned(part)
    elif isinstance(document, list | tuple):
        for part in document:
            yield from mentioned(part)


def _tree(document: object, place: str, depth: int) -> Condition:
    if depth > DEEPEST:
        raise ConditionWrong(place, ConditionFault.DEEP)
    if not isinstance(document, Mapping):
        raise ConditionWrong(place, ConditionFault.OBJECT)
    if set(document) == {"all"}:
        return All(_parts(document["all"], f"{place}all", depth))
    if set(document) == {"any"}:
        return AnyOf(_parts(document["any"], f"{place}any", depth))
    if set(document) == {"not"}:
        return Not(_tree(document["not"], f"{place}not.", depth + 1))
    if set(document) == {"segment"}:
        return InSegment(_text(document["segment"], f"{place}segment"))
    return _test(document, place)


def _parts(found: object, place: str, depth: int) -> tuple[Condition, ...]:
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise ConditionWrong(place, ConditionFault.LIST)
    return tuple(_tree(part, f"{place}[{index}].", depth + 1) for index, part in enumerate(found))


def _test(document: Mapping[Any, Any], place: str) -> Test:
    if set(document) != {"field", "is", "value"}:
        raise ConditionWrong(place, ConditionFault.PARTS)
    field = FIELDS.get(document["field"]) if isinstance(document["field"], str) else None
    if field is None:
        raise ConditionWrong(f"{place}field", ConditionFault.FIELD, name=_shown(document["field"]))
    if document["is"] not in [operator.value for operator in OPERATORS[field.type]]:
        raise ConditionWrong(
            f"{place}is", ConditionFault.OPERATOR, name=_shown(document["is"]), field=document["field"]
        )
    operator = Operator(document["is"])
    return Test(document["field"], operator, _value(field, operator, document["value"], f"{place}value"))


def _value(field: Field, operator: Operator, value: object, place: str) -> Value:
    if operator in DAYS:
        return _number(value, place, LONGEST_SPAN, ConditionFault.DAYS)
    if operator is Operator.KNOWN or field.type is FieldType.FLAG:
        return _flag(value, place)
    if operator is Operator.IN:
        return tuple(_word(field, item, place) for item in _several(value, place))
    if operator is Operator.BETWEEN:
        return _span(field, value, place)
    if field.type is FieldType.NUMBER:
        return _number(value, place, HIGHEST_NUMBER, ConditionFault.NUMBER)
    return _word(field, value, place)


def _span(field: Field, value: object, place: str) -> Value:
    """Two values in rising order, both included."""
    ends = _several(value, place)
    if len(ends) != 2:
        raise ConditionWrong(place, ConditionFault.PAIR)
    if field.type is FieldType.NUMBER:
        low, high = (_number(end, place, HIGHEST_NUMBER, ConditionFault.NUMBER) for end in ends)
        return _rising((low, high), low <= high, place)
    first, last = (_word(field, end, place) for end in ends)
    ladder = field.choices
    return _rising((first, last), ladder.index(first) <= ladder.index(last) if ladder else first <= last, place)


def _rising(span: Value, rises: bool, place: str) -> Value:
    if not rises:
        raise ConditionWrong(place, ConditionFault.ORDER)
    return span


def _several(value: object, place: str) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not 0 < len(value) <= MOST_TESTS:
        raise ConditionWrong(place, ConditionFault.SEVERAL)
    return value


def _number(value: object, place: str, highest: int, fault: ConditionFault) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= highest:
        raise ConditionWrong(place, fault, most=highest)
    return value


def _flag(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise ConditionWrong(place, ConditionFault.FLAG)
    return value


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConditionWrong(place, ConditionFault.TEXT)
    if len(value) > LONGEST_WORD or not value.isprintable():
        raise ConditionWrong(place, ConditionFault.LINE, most=LONGEST_WORD)
    return value


def _word(field: Field, value: object, place: str) -> str:
    word = _text(value, place)
    if field.type is FieldType.DATE:
        try:
            return date.fromisoformat(word).isoformat()
        except ValueError:
            raise ConditionWrong(place, ConditionFault.DAY) from None
    if field.choices and word not in field.choices:
        raise ConditionWrong(place, ConditionFault.CHOICE, choices=", ".join(field.choices))
    return word


def _shown(word: object) -> str:
    """What stands where a word should, as far as a line holds it."""
    return str(word)[:LONGEST_WORD]


def document(condition: Condition) -> dict[str, Any]:
    """The condition as JSON; `parse` reads it back."""
    if isinstance(condition, All):
        return {"all": [document(part) for part in condition.parts]}
    if isinstance(condition, AnyOf):
        return {"any": [document(part) for part in condition.parts]}
    if isinstance(condition, Not):
        return {"not": document(condition.part)}
    if isinstance(condition, InSegment):
        return {"segment": condition.name}
    value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
    return {"field": condition.field, "is": condition.operator.value, "value": value}
