"""Reads a file of entries, YAML or spreadsheet, into cells; what each means is decided afterwards."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml

from services.knowledge.columns import COLUMNS, LISTS, MORE
from services.knowledge.contents import FaultKind

KNOWN = frozenset({*COLUMNS, MORE})
_LISTS_OF_ENTRIES = ("entries", "faqs")
_ZIPPED = b"PK"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands under one name: texts, each with its line."""

    texts: tuple[tuple[str, int], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Record:
    """One entry as the file has it."""

    line: int
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class FileFault:
    """What is wrong at a line (of a spreadsheet: a row); `detail` is a field, a text or an entry."""

    line: int
    kind: FaultKind
    entry_id: str = ""
    detail: str = ""


def records(content: bytes) -> Iterator[Record | FileFault]:
    """Of a file's bytes; what cannot be read at all is one fault."""
    return _of_workbook(content) if content.startswith(_ZIPPED) else _of_yaml(content)


def _of_yaml(content: bytes) -> Iterator[Record | FileFault]:
    try:
        node = yaml.compose(content.decode("utf-8-sig"), Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as fault:
        yield FileFault(content[: fault.start].count(b"\n") + 1, FaultKind.UNREADABLE, detail="UTF-8")
    except yaml.YAMLError as fault:
        mark = fault.problem_mark if isinstance(fault, yaml.MarkedYAMLError) else None
        yield FileFault(mark.line + 1 if mark else 1, FaultKind.UNREADABLE, detail="YAML")
    else:
        yield from _entries(node)


def _entries(node: yaml.Node | None) -> Iterator[Record | FileFault]:
    named = {name.value: value for name, value in node.value} if isinstance(node, yaml.MappingNode) else {}
    found = next((named[name] for name in _LISTS_OF_ENTRIES if name in named), None)
    if not isinstance(found, yaml.SequenceNode):
        yield FileFault(1, FaultKind.UNREADABLE, detail=_LISTS_OF_ENTRIES[0])
        return
    for item in found.value:
        if isinstance(item, yaml.MappingNode):
            yield from _mapping(item)
        else:
            yield FileFault(item.start_mark.line + 1, FaultKind.UNREADABLE)


def _mapping(item: yaml.MappingNode) -> Iterator[Record | FileFault]:
    cells: dict[str, Cell] = {}
    for name, node in item.value:
        line = name.start_mark.line + 1
        if name.value not in KNOWN:
            yield FileFault(line, FaultKind.UNKNOWN_FIELD, detail=str(name.value))
        elif name.value in cells:
            yield FileFault(line, FaultKind.REPEATED_FIELD, detail=name.value)
        elif (texts := _texts(node)) is None:
            yield FileFault(line, FaultKind.WRONG_VALUE, detail=name.value)
        else:
            cells[name.value] = Cell(texts, line)
    yield Record(item.start_mark.line + 1, cells)


def _texts(node: yaml.Node) -> tuple[tuple[str, int], ...] | None:
    """The texts of a scalar or of a list of scalars; None for anything else."""
    parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
    if not all(isinstance(part, yaml.ScalarNode) for part in parts):
        return None
    empty = {part for part in parts if part.tag == "tag:yaml.org,2002:null"}
    return tuple((str(part.value), part.start_mark.line + 1) for part in parts if part not in empty)


def _of_workbook(content: bytes) -> Iterator[Record | FileFault]:
    from python_calamine import CalamineError, CalamineWorkbook  # 1 MB that a server without imports can spare

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as fault:
        yield FileFault(1, FaultKind.UNREADABLE, detail=str(fault))
        return
    names = [_text(cell) for cell in rows[0]] if rows else []
    yield from _heading(names)
    for number, row in enumerate(rows[1:], 2):
        if any(_text(cell) for cell in row):
            yield Record(number, _cells(names, row, number))


def _heading(names: Sequence[str]) -> Iterator[FileFault]:
    if COLUMNS[0] not in names:
        yield FileFault(1, FaultKind.MISSING_FIELD, detail=COLUMNS[0])
    for place, name in enumerate(names):
        if name and name not in KNOWN:
            yield FileFault(1, FaultKind.UNKNOWN_FIELD, detail=name)
        elif name and name in names[:place]:
            yield FileFault(1, FaultKind.REPEATED_FIELD, detail=name)


def _cells(names: Sequence[str], row: Sequence[Any], number: int) -> dict[str, Cell]:
    """An empty cell is an empty text; what stands below an unknown heading is left out."""
    named = [(name, _text(cell)) for name, cell in zip(names, row, strict=False) if name in KNOWN]
    return {name: Cell(tuple((part, number) for part in _parts(name, text)), number) for name, text in named}


def _parts(name: str, text: str) -> Sequence[str]:
    return text.splitlines() if name in (*LISTS, MORE) else [text] if text else []


def _text(cell: Any) -> str:
    """A cell as one would type it: whole numbers without a point, days as days."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
