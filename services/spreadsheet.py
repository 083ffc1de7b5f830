"""Tables that staff open in a spreadsheet."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of an XLSX file."""

BYTE_ORDER_MARK = "\ufeff"
"""Tells spreadsheets that a CSV file is UTF-8."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """A value that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def typed(text: str) -> str:
    """What somebody typed before `cell` put a mark before it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def workbook(sheets: Mapping[str, Iterable[Sequence[object]]]) -> bytes:
    """An XLSX file of tables by name, each with a heading first; whole numbers stay numbers, the rest is text."""
    import xlsxwriter  # some megabytes that only an export needs

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, 0, 24)
            for number, row in enumerate(rows):
                _write(sheet, number, row, None if number else bold)
    return file.getvalue()


def _write(sheet: "Worksheet", number: int, row: Sequence[object], look: "Format | None") -> None:
    for place, value in enumerate(row):
        if isinstance(value, int):
            sheet.write_number(number, place, value, look)
        else:
            sheet.write_string(number, place, "" if value is None else str(value), look)
