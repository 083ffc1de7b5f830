"""From a condition that names segments to one that stands by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.errors import Refused
from bot.vocabulary.conditions import (
    MOST_TESTS,
    All,
    AnyOf,
    Condition,
    ConditionWrong,
    InSegment,
    Not,
    leaves,
    named,
    parse,
)
from services.segments.choices import COURSE, every_lesson, parsed
from storage.repositories import segments as rows
from storage.unit import Unit


def read(document: object) -> Condition:
    """The condition of a document; Refused with the place of the fault."""
    return _told(parsed, document)


def frozen(document: object) -> Condition:
    """The same of one that was looked up before: whoever completed a lesson did so, taught or not."""
    return _told(parse, document)


def _told(reads: Callable[[object], Condition], document: object) -> Condition:
    try:
        return reads(document)
    except ConditionWrong as wrong:
        raise Refused(f"condition_{wrong.fault}", place=wrong.place or "-", **wrong.told) from None


def looked_up(unit: Unit, condition: Condition, inside: tuple[str, ...] = ()) -> Condition:
    """The same with every named segment's own condition in its place, and with a course's lessons in its.

    Fixed lists keep their name and get their id.

    `inside`: the segments whose conditions are being read. Refused for a name that nobody has, for a circle, and
    for what grows too large.
    """
    return _Reading(unit).opened(condition, inside)


def stands(unit: Unit, condition: Condition) -> bool:
    """Whether all that a condition names are fixed lists: a name that came to mean something else changes it."""
    found = (rows.by_name(unit, name) for name in named(condition))
    return all(one is not None and one.meaning.condition is None for one in found)


@dataclass
class _Reading:
    """Reads each name once, and stops where it grows too large: segments inside one another multiply."""

    unit: Unit
    known: dict[str, Condition] = field(default_factory=dict)
    tests: int = 0

    def opened(self, condition: Condition, inside: tuple[str, ...]) -> Condition:
        if isinstance(condition, All | AnyOf):
            return type(condition)(tuple(self.opened(part, inside) for part in condition.parts))
        if isinstance(condition, Not):
            return Not(self.opened(condition.part, inside))
        if isinstance(condition, InSegment):
            return self._named(condition.name, inside)
        if condition.field == COURSE:
            return self.opened(every_lesson(condition), inside)
        self._count(1)
        return condition

    def _named(self, name: str, inside: tuple[str, ...]) -> Condition:
        if name in inside:
            raise Refused("segment_circle", name=name)
        if name in self.known:
            self._count(sum(1 for _ in leaves(self.known[name])))
        else:
            self.known[name] = self._read(name, inside)
        return self.known[name]

    def _read(self, name: str, inside: tuple[str, ...]) -> Condition:
        found = rows.by_name(self.unit, name)
        if found is None:
            raise Refused("segment_unknown", name=name)
        document: Mapping[str, object] | None = found.meaning.condition
        if document is None:
            self._count(1)
            return InSegment(name, found.id)
        return self.opened(read(dict(document)), (*inside, name))

    def _count(self, tests: int) -> None:
        self.tests += tests
        if self.tests > MOST_TESTS:
            raise Refused("segment_too_large", most=MOST_TESTS)
