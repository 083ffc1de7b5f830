"""Rows that were not taken: what is told of them, and the file in which they are put right."""

from collections.abc import Sequence

from bot.texts.words import Catalogue, Words
from services.spreadsheet import cell
from services.tables.cells import BadCell
from services.tables.run import Rejected
from services.tables.sheets import Row

CATALOGUE = "imports"
ROW = "row"
"""Stands for the field where the row itself is bad."""


def catalogue() -> Catalogue:
    """The words in every language; TextsBroken where the languages differ."""
    return Catalogue.load(CATALOGUE)


def heading(words: Words, head: Row) -> list[str]:
    """The first line of the file: two columns of ours, which an import of it passes over, before theirs."""
    return [cell(value) for value in (words("file.line"), words("file.reasons"), *head.cells)]


def line(words: Words, one: Rejected) -> list[str]:
    """A row of the file."""
    return [cell(value) for value in (one.row.line, reasons(words, one.bad), *one.row.cells)]


def reasons(words: Words, bad: Sequence[BadCell]) -> str:
    """Everything that is wrong with a row."""
    return words("file.between").join(reason(words, one.field, one.fault) for one in bad)


def reason(words: Words, field: str, fault: str) -> str:
    """One thing that is wrong."""
    return words("file.reason", field=words(f"field.{field or ROW}"), reason=words(f"fault.{fault}"))
