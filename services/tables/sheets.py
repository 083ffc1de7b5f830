"""Rows of a CSV or XLSX file, one at a time; a row that cannot be read does not take another with it."""

import csv
import io
import zipfile
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO, Literal, Protocol

from bot.errors import Refused

ENCODINGS = ("utf-8", "gb18030")
DELIMITERS = (",", "\t", ";")
LONGEST_LINE = 65_536
"""Bytes of a line; what is longer is no client."""
MOST_LINES_OF_A_ROW = 20
LARGEST_BOOK = 256 * 1024 * 1024
"""Bytes of an unpacked workbook: it is read as a whole, a CSV file is not."""
_ZIPPED = b"PK\x03\x04"
_PICTURE = b"\x89PNG"
"""The only one whose first line holds no zero; below it a zero spoils its own row and no other."""
_MARK = b"\xef\xbb\xbf"


class Source(Protocol):
    """A file that is read from its beginning as often as needed; a path is one."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """The file at its beginning."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is only in memory."""

    content: bytes = field(repr=False)

    def open(self, _mode: Literal["rb"], /) -> BinaryIO:
        """The file at its beginning."""
        return io.BytesIO(self.content)


@dataclass(frozen=True, slots=True)
class Row:
    """One row by its line in the file; `readable` is false where the cells are the raw line."""

    line: int
    cells: tuple[str, ...]
    readable: bool = True


def rows(source: Source) -> Iterator[Row]:
    """The rows of a file, the heading first, empty ones left out; Refused for what is no table."""
    with source.open("rb") as file:
        begin = file.readline(LONGEST_LINE)
    zipped = begin.startswith(_ZIPPED)
    if not zipped and (b"\0" in begin or begin.startswith(_PICTURE)):
        raise Refused("import_unreadable")
    yield from _of_book(source) if zipped else _of_text(source)


def _of_text(source: Source) -> Iterator[Row]:
    encoding = _encoding(source)
    with source.open("rb") as file:
        lines = ((number, _decoded(raw, encoding)) for number, raw in _lines(file))
        yield from _parsed(lines)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines by number without their ends; no byte of a Chinese sign looks like the end of a line."""
    number = 0
    while raw := file.readline(LONGEST_LINE):
        number += 1
        rest = raw
        while not rest.endswith(b"\n") and (rest := file.readline(LONGEST_LINE)):
            raw = raw[:LONGEST_LINE] + b"\xff"  # too long: made unreadable in every encoding
        yield number, (raw.removeprefix(_MARK) if number == 1 else raw).rstrip(b"\r\n")


def _encoding(source: Source) -> str:
    """What the heading says by itself, else the encoding that fewer lines break."""
    broken = dict.fromkeys(ENCODINGS, 0)
    with source.open("rb") as file:
        heading = next((raw for _, raw in _lines(file) if raw.strip()), b"")
        if not heading.isascii():
            return next((encoding for encoding in ENCODINGS if _decoded(heading, encoding)), ENCODINGS[0])
        for _, raw in _lines(file):
            for encoding in ENCODINGS:
                broken[encoding] += _decoded(raw, encoding) is None
    return min(ENCODINGS, key=lambda encoding: broken[encoding])


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _parsed(lines: Iterator[tuple[int, str | None]]) -> Iterator[Row]:
    """Each line alone; one that opens a quotation goes on below as long as no whole row stands there."""
    first = next(((number, text) for number, text in lines if text is None or text.strip()), None)
    if first is None or first[1] is None:
        raise Refused("import_unreadable")
    delimiter = max(DELIMITERS, key=first[1].count)
    head = _cells(first[1], delimiter)
    if head is None:
        raise Refused("import_unreadable")
    yield Row(first[0], tuple(head))
    yield from _body(_Lines(lines), delimiter, len(head))


@dataclass
class _Lines:
    """Lines by number that can be put back; None stands for one that is no text."""

    rest: Iterator[tuple[int, str | None]]
    back: deque[tuple[int, str | None]] = field(default_factory=deque)

    def next(self) -> tuple[int, str | None] | None:
        """The next line; None after the last."""
        return self.back.popleft() if self.back else next(self.rest, None)


def _body(lines: _Lines, delimiter: str, width: int) -> Iterator[Row]:
    while (following := lines.next()) is not None:
        number, text = following
        if text is None:
            yield Row(number, (), readable=False)
        elif (cells := _cells(text, delimiter)) is None:
            yield _continued(Row(number, (text,), readable=False), lines, delimiter, width)
        elif any(cell.strip() for cell in cells):
            yield Row(number, tuple(cells))


def _continued(begun: Row, lines: _Lines, delimiter: str, width: int) -> Row:
    """A row over several lines; or its first line, unreadable, and the lines that were looked at are put back."""
    looked: list[tuple[int, str | None]] = []
    whole = begun.cells[0]
    while len(looked) < MOST_LINES_OF_A_ROW and (following := lines.next()) is not None:
        looked.append(following)
        if following[1] is None or len(_cells(following[1], delimiter) or ()) == width > 1:
            break
        whole += "\n" + following[1]
        if len(cells := _cells(whole, delimiter) or ()) == width:
            return Row(begun.line, tuple(cells))
    lines.back.extendleft(reversed(looked))
    return begun


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        found = list(csv.reader(text.splitlines(keepends=True) or [""], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None if found else []


def _of_book(source: Source) -> Iterator[Row]:
    from python_calamine import CalamineError, CalamineWorkbook  # 1 MB that a server without imports can spare

    try:
        with source.open("rb") as file:
            _bounded(file)
            file.seek(0)
            sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
        first = (sheet.start or (0, 0))[0] + 1
        for number, row in enumerate(sheet.iter_rows(), first):
            cells = tuple(_text(cell) for cell in row)
            if any(cell.strip() for cell in cells):
                yield Row(number, cells)
    except (CalamineError, zipfile.BadZipFile, NotImplementedError, IndexError):
        raise Refused("import_unreadable") from None


def _bounded(file: BinaryIO) -> None:
    with zipfile.ZipFile(file) as book:
        if sum(part.file_size for part in book.infolist()) > LARGEST_BOOK:
            raise Refused("import_too_large")


def _text(cell: object) -> str:
    """A cell as one would type it: whole numbers without a point, days as days."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def width_of(cells: Sequence[str]) -> int:
    """How many cells a row has when empty ones at its end do not count."""
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
