"""Writes the published entries to a file that can be read back."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from services.knowledge.columns import COLUMNS, row
from storage.repositories.editions import Edition

SHEET = "knowledge"
_WIDTHS = {"question": 30, "phrasings": 40, "answer": 60, "question_en": 30, "phrasings_en": 30, "answer_en": 60}


def as_yaml(editions: Iterable[Edition]) -> bytes:
    """Of UTF-8."""
    rows = [row(edition.entry_id, edition.version, edition.content) for edition in editions]
    document = {"entries": rows}
    return yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120).encode()


def as_workbook(editions: Iterable[Edition]) -> bytes:
    """An XLSX file: a heading, then one row an entry; lists stand one below the other in their cell."""
    import xlsxwriter  # some megabytes that only an export needs

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, bold = book.add_worksheet(SHEET), book.add_format({"bold": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 1)
        for place, name in enumerate(COLUMNS):
            sheet.set_column(place, place, _WIDTHS.get(name, 14), wrapped)
            sheet.write_string(0, place, name, bold)
        for number, edition in enumerate(editions, 1):
            for place, cell in enumerate(_cells(edition)):
                sheet.write_string(number, place, cell, wrapped)
    return file.getvalue()


def _cells(edition: Edition) -> Sequence[str]:
    return [_cell(value) for value in row(edition.entry_id, edition.version, edition.content).values()]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
