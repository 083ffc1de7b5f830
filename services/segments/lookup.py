"""From a condition that names segments to one that stands by itself."""

from collections.abc import Mapping

from bot.errors import Refused
from bot.vocabulary.conditions import (
    MOST_TESTS,
    All,
    AnyOf,
    Condition,
    ConditionWrong,
    InSegment,
    Not,
    Test,
    leaves,
    named,
    parse,
)
from storage.repositories import segments as rows
from storage.unit import Unit


def read(document: object) -> Condition:
    """The condition of a document; Refused with the place of the fault."""
    try:
        return parse(document)
    except ConditionWrong as wrong:
        raise Refused("broadcast_condition", place=wrong.place or "-", fault=wrong.fault) from None


def looked_up(unit: Unit, condition: Condition, inside: tuple[str, ...] = ()) -> Condition:
    """The same with every named segment's own condition in its place; fixed lists keep their name and get their id.

    `inside`: the segments whose conditions are being read. Refused for a name that nobody has, for a circle, and
    for what grows too large.
    """
    found = _opened(unit, condition, inside)
    if sum(1 for _ in leaves(found)) > MOST_TESTS:
        raise Refused("segment_too_large", most=MOST_TESTS)
    return found


def stands(unit: Unit, condition: Condition) -> bool:
    """Whether all that a condition names are fixed lists: a name that came to mean something else changes it."""
    found = (rows.by_name(unit, name) for name in named(condition))
    return all(one is not None and one.meaning.condition is None for one in found)


def _opened(unit: Unit, condition: Condition, inside: tuple[str, ...]) -> Condition:
    if isinstance(condition, All | AnyOf):
        return type(condition)(tuple(_opened(unit, part, inside) for part in condition.parts))
    if isinstance(condition, Not):
        return Not(_opened(unit, condition.part, inside))
    return condition if isinstance(condition, Test) else _named(unit, condition.name, inside)


def _named(unit: Unit, name: str, inside: tuple[str, ...]) -> Condition:
    if name in inside:
        raise Refused("segment_circle", name=name)
    found = rows.by_name(unit, name)
    if found is None:
        raise Refused("segment_unknown", name=name)
    document: Mapping[str, object] | None = found.meaning.condition
    if document is None:
        return InSegment(name, found.id)
    return _opened(unit, read(dict(document)), (*inside, name))
