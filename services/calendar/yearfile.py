"""Reads a year's calendar from a YAML file and lists every fault in it with its line.

The form is that of the packaged years, storage/seeds/calendar/cn_*.yaml. Beyond the form it is checked that the
statutory holidays, computed from sun and moon, are days off and closed market days: the tables of unpublished
years that circulate on the net fail there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from services.calendar.yearcheck import FaultKind, Finding, Location, findings
from services.calendar.years import CalendarYear, DayRange
from storage import seeds

DEPTH = 3  # the document, its lists, their entries
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


@dataclass(frozen=True, slots=True, order=True)
class CalendarFault:
    """One fault: its line in the file (1 is the first), its kind, and the field, value or day concerned."""

    line: int
    kind: FaultKind
    detail: str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Range(_Strict):
    name: Words
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(FaultKind.ENDS_BEFORE_START)
        return self

    def read(self) -> DayRange:
        return DayRange(self.name, self.first, self.last)


class _Single(_Strict):
    name: Words
    on: date

    def read(self) -> DayRange:
        return DayRange(self.name, self.on, self.on)


class _Document(_Strict):
    year: int = Field(ge=1990, le=2099)
    source: Words
    days_off: list[_Range]
    market_closed: list[_Range]
    make_up_workdays: list[_Single]

    def read(self) -> CalendarYear:
        return CalendarYear(
            self.year,
            self.source,
            days_off=tuple(each.read() for each in self.days_off),
            market_closed=tuple(each.read() for each in self.market_closed),
            make_up_workdays=tuple(each.read() for each in self.make_up_workdays),
        )


def read_year(raw: bytes) -> CalendarYear | tuple[CalendarFault, ...]:
    """The year a file describes, or all its faults in the order of their lines."""
    try:
        if _too_intricate(raw):
            return (CalendarFault(1, FaultKind.UNREADABLE, ""),)
        root = yaml.compose(raw, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return (CalendarFault(line, FaultKind.UNREADABLE, error.problem or ""),)
    except yaml.YAMLError as error:
        return (CalendarFault(1, FaultKind.UNREADABLE, type(error).__name__),)
    return _read_document(root) if root else (CalendarFault(1, FaultKind.UNREADABLE, ""),)


@cache
def packaged_years() -> tuple[CalendarYear, ...]:
    """The years that ship with the product, the earliest first."""
    folder = seeds.FOLDER / "calendar"
    read = [read_year(file.read_bytes()) for file in folder.glob("cn_*.yaml")]
    years = [year for year in read if isinstance(year, CalendarYear)]
    if len(years) < len(read):
        raise ValueError(f"a packaged calendar is wrong: {[each for each in read if each not in years]}")
    return tuple(sorted(years, key=lambda each: each.year))


def _too_intricate(raw: bytes) -> bool:
    """Whether it has aliases or nests deeper than a calendar does; read no further than needed to tell."""
    depth = 0
    for event in yaml.parse(raw, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH or isinstance(event, yaml.AliasEvent):
            return True
    return False


def _read_document(root: yaml.Node) -> CalendarYear | tuple[CalendarFault, ...]:
    wrong = list(_repeated(root, ()))
    try:
        year = _Document.model_validate(_plain(root)).read()
        wrong += findings(year)
    except ValidationError as error:
        wrong += [_finding(each["loc"], each["type"]) for each in error.errors()]
    else:
        if not wrong:
            return year
    return tuple(sorted(CalendarFault(_line(root, each.where), each.kind, each.detail) for each in wrong))


def _finding(where: Location, error_type: str) -> Finding:
    kinds = {
        "missing": FaultKind.MISSING,
        "extra_forbidden": FaultKind.UNKNOWN_FIELD,
        "value_error": FaultKind.ENDS_BEFORE_START,
    }
    return Finding(where, kinds.get(error_type, FaultKind.NOT_UNDERSTOOD), ".".join(map(str, where)))


def _plain(node: yaml.Node) -> object:
    """The node as lists, dictionaries and strings; types are left to the document's declaration."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each) for each in node.value]
    return str(node.value)


def _repeated(node: yaml.Node, where: Location) -> Iterator[Finding]:
    """Fields given twice in one mapping, of which YAML would silently drop the first."""
    if isinstance(node, yaml.SequenceNode):
        for index, each in enumerate(node.value):
            yield from _repeated(each, (*where, index))
    if isinstance(node, yaml.MappingNode):
        keys = [str(key.value) for key, _ in node.value]
        yield from (Finding((*where, key), FaultKind.REPEATED_FIELD, key) for key in {*keys} if keys.count(key) > 1)
        for key, value in node.value:
            yield from _repeated(value, (*where, str(key.value)))


def _line(node: yaml.Node, where: Location) -> int:
    """The line of a place in the document, or of the nearest thing around it that exists."""
    for step in where:
        inner = _inside(node, step)
        if inner is None:
            break
        node = inner
    return node.start_mark.line + 1


def _inside(node: yaml.Node, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        inner: yaml.Node = node.value[step]
        return inner
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in reversed(node.value) if key.value == step), None)
    return None
