"""The condition language of segments: a tree of all / any / not over tests of a client's fields.

As JSON: {"all": [...]}, {"any": [...]}, {"not": ...} or {"field": "risk_level", "is": "in", "value": ["C3", "C4"]}.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bot.vocabulary.clients import AssetBand, ClientKind, ClientState, ConsentPurpose, Gender, Interest, RiskLevel
from bot.vocabulary.locale import Locale

DEEPEST = 8


class Operator(StrEnum):
    """How a field is compared."""

    EQUALS = "equals"
    IN = "in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    HAS = "has"
    HAS_NOT = "has_not"
    WITHIN_DAYS = "within_days"
    DAYS_AGO_AT_LEAST = "days_ago_at_least"


class FieldType(StrEnum):
    """What a field's values are."""

    CHOICE = "choice"
    LADDER = "ladder"
    DATE = "date"
    SET = "set"


_OPERATORS: dict[FieldType, frozenset[Operator]] = {
    FieldType.CHOICE: frozenset({Operator.EQUALS, Operator.IN}),
    FieldType.LADDER: frozenset({Operator.EQUALS, Operator.IN, Operator.AT_LEAST, Operator.AT_MOST}),
    FieldType.DATE: frozenset({Operator.AT_LEAST, Operator.AT_MOST, Operator.WITHIN_DAYS, Operator.DAYS_AGO_AT_LEAST}),
    FieldType.SET: frozenset({Operator.HAS, Operator.HAS_NOT}),
}
_DAYS = frozenset({Operator.WITHIN_DAYS, Operator.DAYS_AGO_AT_LEAST})


@dataclass(frozen=True, slots=True)
class Field:
    """A field a condition may test; `choices` in rising order for a ladder, empty for free words."""

    type: FieldType
    choices: tuple[str, ...] = ()


FIELDS: dict[str, Field] = {
    "asset_band": Field(FieldType.LADDER, tuple(band.value for band in AssetBand if band is not AssetBand.UNKNOWN)),
    "risk_level": Field(FieldType.LADDER, tuple(RiskLevel)),
    "risk_valid_until": Field(FieldType.DATE),
    "state": Field(FieldType.CHOICE, tuple(ClientState)),
    "kind": Field(FieldType.CHOICE, tuple(ClientKind)),
    "gender": Field(FieldType.CHOICE, tuple(Gender)),
    "locale": Field(FieldType.CHOICE, tuple(Locale)),
    "opened_on": Field(FieldType.DATE),
    "tag": Field(FieldType.SET),
    "consent": Field(FieldType.SET, tuple(ConsentPurpose)),
    "interest": Field(FieldType.SET, tuple(Interest)),
}


class ConditionWrong(ValueError):
    """A condition that can't be read; `place` says where, such as `all[1].value`."""

    def __init__(self, place: str, fault: str) -> None:
        super().__init__(f"{place or 'condition'}: {fault}")
        self.place = place
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Test:
    """One field compared with a value."""

    __test__ = False  # pytest collects classes of this name

    field: str
    operator: Operator
    value: str | int | tuple[str, ...]


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


Condition = All | AnyOf | Not | Test


def parse(document: object, place: str = "", depth: int = 0) -> Condition:
    """Read a condition from JSON; raises ConditionWrong with the place."""
    if depth > DEEPEST:
        raise ConditionWrong(place, "nested too deep")
    if not isinstance(document, Mapping):
        raise ConditionWrong(place, "must be an object")
    if set(document) == {"all"}:
        return All(_parts(document["all"], f"{place}all", depth))
    if set(document) == {"any"}:
        return AnyOf(_parts(document["any"], f"{place}any", depth))
    if set(document) == {"not"}:
        return Not(parse(document["not"], f"{place}not.", depth + 1))
    return _test(document, place)


def _parts(found: object, place: str, depth: int) -> tuple[Condition, ...]:
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise ConditionWrong(place, "must be a list")
    return tuple(parse(part, f"{place}[{index}].", depth + 1) for index, part in enumerate(found))


def _test(document: Mapping[str, Any], place: str) -> Test:
    if set(document) != {"field", "is", "value"}:
        raise ConditionWrong(place, "needs field, is and value, or all, any, not")
    field = FIELDS.get(str(document["field"]))
    if field is None:
        raise ConditionWrong(f"{place}field", f"unknown field {document['field']!r}")
    if document["is"] not in {operator.value for operator in _OPERATORS[field.type]}:
        raise ConditionWrong(f"{place}is", f"{document['is']!r} does not fit {document['field']}")
    operator = Operator(document["is"])
    return Test(str(document["field"]), operator, _value(field, operator, document["value"], f"{place}value"))


def _value(field: Field, operator: Operator, value: object, place: str) -> str | int | tuple[str, ...]:
    if operator in _DAYS:
        return _days(value, place)
    if operator is Operator.IN:
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise ConditionWrong(place, "must be a list with at least one value")
        return tuple(_word(field, item, place) for item in value)
    return _word(field, value, place)


def _days(value: object, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 36500:
        raise ConditionWrong(place, "must be a number of days")
    return value


def _word(field: Field, value: object, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise ConditionWrong(place, "must be text")
    if field.type is FieldType.DATE:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise ConditionWrong(place, "must be a day such as 2026-11-23") from None
    if field.choices and value not in field.choices:
        raise ConditionWrong(place, f"must be one of {', '.join(field.choices)}")
    return value


def document(condition: Condition) -> dict[str, Any]:
    """The condition as JSON; `parse` reads it back."""
    if isinstance(condition, All):
        return {"all": [document(part) for part in condition.parts]}
    if isinstance(condition, AnyOf):
        return {"any": [document(part) for part in condition.parts]}
    if isinstance(condition, Not):
        return {"not": document(condition.part)}
    value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
    return {"field": condition.field, "is": condition.operator.value, "value": value}
