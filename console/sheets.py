"""The segment editor's sheet: blocks of rows that are filled in by choices, and the condition that they make.

The first block is the whole; further ones are groups inside it. What cannot be laid out so is edited as a file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import FormData

from bot.vocabulary.conditions import (
    All,
    AnyOf,
    Condition,
    ConditionWrong,
    InSegment,
    Not,
    Test,
)
from bot.vocabulary.fields import DAYS, FIELDS, OPERATORS, FieldType, Operator
from services import segments

SEGMENT = "segment"
"""Stands among the fields for another segment."""

NAMES = (*FIELDS, SEGMENT)
MATCHES = ("all", "any", "none")
MOST_ROWS = 60
MOST_BLOCKS = 10
LONGEST_PLACE = 5
_PLACE = re.compile(r"\d{1,2}\.\d{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it was filled in; `values` in the order of its boxes."""

    name: str = NAMES[0]
    operator: str = ""
    values: tuple[str, ...] = ()

    @property
    def operators(self) -> tuple[Operator, ...]:
        """How its field may be compared."""
        return OPERATORS[FieldType.SET if self.name == SEGMENT else FIELDS[self.name].type]

    @property
    def chosen(self) -> Operator:
        """The operator that was picked, else the first that fits."""
        return Operator(self.operator) if self.operator in list(self.operators) else self.operators[0]

    @property
    def boxes(self) -> int:
        """How many values it takes; of words one more than there are, for another one."""
        if self.chosen is Operator.IN and self.kind == "words":
            return max((no for no, value in enumerate(self.values, 1) if value.strip()), default=0) + 1
        return 2 if self.chosen is Operator.BETWEEN else 1

    @property
    def kind(self) -> str:
        """How a value is filled in: among choices (one or several), yes or no, a number, a day, a segment, words."""
        if self.name == SEGMENT:
            return SEGMENT
        found = FIELDS[self.name]
        if self.chosen is Operator.KNOWN or found.type is FieldType.FLAG:
            return "flag"
        if self.chosen in DAYS or found.type is FieldType.NUMBER:
            return "number"
        if found.type is FieldType.DATE:
            return "day"
        if not self.choices:
            return "words"
        return "several" if self.chosen is Operator.IN else "one"

    @property
    def choices(self) -> tuple[str, ...]:
        """What its boxes offer, where they do."""
        return () if self.name == SEGMENT else segments.choices(self.name)

    @property
    def begun(self) -> bool:
        """Whether any of its boxes holds something: only then may it be called wrong while it is filled in."""
        return any(value.strip() for value in self.values)

    def condition(self) -> Condition | None:
        """What it tests; None while it is not filled in rightly."""
        try:
            return segments.parsed(self._document())
        except (ConditionWrong, ValueError):
            return None

    def _document(self) -> dict[str, Any]:
        values = [self._value(value) for value in self.values if value.strip()]
        if self.name == SEGMENT:
            named = {SEGMENT: values[0] if values else ""}
            return {"not": named} if self.chosen is Operator.HAS_NOT else named
        several = self.chosen in (Operator.IN, Operator.BETWEEN)
        value: object = values if several else (values[0] if values else None)
        return {"field": self.name, "is": self.chosen.value, "value": value}

    def _value(self, written: str) -> object:
        if self.kind == "number":
            return int(written)
        return {"true": True, "false": False}.get(written, written) if self.kind == "flag" else written.strip()


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that are met all, any, or none."""

    match: str = MATCHES[0]
    rows: tuple[Row, ...] = ()

    def condition(self, further: Sequence[Condition] = ()) -> Condition:
        """What its finished rows say, with the groups inside it."""
        parts = (*(found for row in self.rows if (found := row.condition()) is not None), *further)
        if self.match == "none":
            return Not(AnyOf(parts))
        if self.match == "any":
            return AnyOf(parts)
        return parts[0] if len(parts) == 1 else All(parts)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the editor shows: how the segment is called, and its blocks."""

    name: str = ""
    note: str = ""
    blocks: tuple[Block, ...] = field(default_factory=lambda: (Block(rows=(Row(),)),))

    @property
    def complete(self) -> bool:
        """Whether every row is filled in, and no group is empty."""
        filled = all(row.condition() is not None for block in self.blocks for row in block.rows)
        return filled and all(block.rows for block in self.blocks[1:])

    def condition(self) -> Condition:
        """What the finished rows say."""
        first, *groups = self.blocks
        return first.condition([group.condition() for group in groups if _begun(group)])

    def changed(self, deed: str) -> "Sheet":
        """After a press of one of its buttons: `row-0`, `group`, `drop-1.2`, `ungroup-1`; else as it is."""
        word, _, place = deed.partition("-")
        blocks = list(self.blocks)
        if word == "group" and len(blocks) < MOST_BLOCKS:
            return replace(self, blocks=(*blocks, Block("any", (Row(),))))
        number, _, line = place.partition(".")
        if len(place) > LONGEST_PLACE or not number.isdecimal() or int(number) >= len(blocks):
            return self
        at, block = int(number), blocks[int(number)]
        if word == "row" and sum(len(one.rows) for one in blocks) < MOST_ROWS:
            blocks[at] = replace(block, rows=(*block.rows, Row()))
        elif word == "drop" and line.isdecimal():
            blocks[at] = replace(block, rows=tuple(row for no, row in enumerate(block.rows) if no != int(line)))
        elif word == "ungroup" and at:
            del blocks[at]
        return replace(self, blocks=tuple(blocks))


def _begun(block: Block) -> bool:
    return any(row.condition() is not None for row in block.rows)


def filled_in(form: FormData) -> Sheet:
    """The sheet as a form brings it; what cannot be read is left out."""
    blocks: list[list[Row]] = [[] for _ in range(MOST_BLOCKS)]
    for place in [str(one) for one in form.getlist("row") if _PLACE.fullmatch(str(one))][:MOST_ROWS]:
        name = str(form.get(f"field-{place}", ""))
        if name in NAMES and int(place.split(".")[0]) < MOST_BLOCKS:
            values = tuple(str(value) for value in form.getlist(f"value-{place}"))
            blocks[int(place.split(".")[0])].append(Row(name, str(form.get(f"is-{place}", "")), values))
    matches = [_match(form, number) for number in range(MOST_BLOCKS)]
    known = [Block(match or "all", tuple(rows)) for match, rows in zip(matches, blocks, strict=True) if match or rows]
    return Sheet(str(form.get("name", "")), str(form.get("note", "")), tuple(known) or (Block(),))


def _match(form: FormData, number: int) -> str:
    given = str(form.get(f"match-{number}", ""))
    return given if given in MATCHES else ""


def laid_out(condition: Condition) -> tuple[Block, ...] | None:
    """The blocks of a condition; None where it nests deeper than the editor shows."""
    whole = _block(condition)
    if whole is not None:
        return (whole,)
    if not isinstance(condition, All | AnyOf):
        return None
    rows = [(part, _row(part)) for part in condition.parts]
    groups = [_block(part) for part, row in rows if row is None]
    if len(groups) >= MOST_BLOCKS or not all(group is not None and group.rows for group in groups):
        return None
    own = tuple(row for _, row in rows if row is not None)
    first = Block("all" if isinstance(condition, All) else "any", own)
    return (first, *[group for group in groups if group is not None])


def _block(condition: Condition) -> Block | None:
    """A condition without groups as one block."""
    row = _row(condition)
    if row is not None:
        return Block(rows=(row,))
    match, parts = _parts(condition)
    rows = [_row(part) for part in parts]
    return None if None in rows or not match else Block(match, tuple(row for row in rows if row is not None))


def _parts(condition: Condition) -> tuple[str, tuple[Condition, ...]]:
    if isinstance(condition, All):
        return "all", condition.parts
    if isinstance(condition, AnyOf):
        return "any", condition.parts
    if isinstance(condition, Not):
        inner = condition.part
        return "none", inner.parts if isinstance(inner, AnyOf) else (inner,)
    return "", ()


def _row(condition: Condition) -> Row | None:
    if isinstance(condition, InSegment):
        return Row(SEGMENT, Operator.HAS, (condition.name,))
    if isinstance(condition, Not) and isinstance(condition.part, InSegment):
        return Row(SEGMENT, Operator.HAS_NOT, (condition.part.name,))
    if not isinstance(condition, Test):
        return None
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    return Row(condition.field, condition.operator, tuple(_written(value) for value in values))


def _written(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
