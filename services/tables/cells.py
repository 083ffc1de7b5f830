"""Whether the cells of a row say what they should: what all tables have in common."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from bot.vocabulary import Birthday
from services.spreadsheet import typed
from services.tables.headings import folded
from services.tables.sheets import Row, width_of
from storage import seeds

Value = str | int | date | Birthday | Decimal
Values = Mapping[str, Value]
"""What a row says by the name of the field, without its empty cells."""


class Fault(StrEnum):
    """Why a row is not taken."""

    UNREADABLE = "unreadable"
    WIDTH = "width"
    MISSING = "missing"
    TOO_LONG = "too_long"
    SIGNS = "signs"
    WRONG = "wrong"
    NO_CHOICE = "no_choice"
    CHECK_DIGIT = "check_digit"
    OTHER_BIRTHDAY = "other_birthday"
    FUTURE = "future"
    NOBODY = "nobody"
    NO_CLIENT = "no_client"
    TWICE = "twice"
    GONE = "gone"
    TAKEN = "taken"
    LEFT = "left"
    NO_IDENTITY = "no_identity"
    SPAN = "span"
    NO_LIST = "no_list"


@dataclass(frozen=True, slots=True)
class BadCell:
    """What is wrong in a row; `field` is empty where it is the row itself."""

    field: str
    fault: Fault


class Wrong(Exception):
    """A cell is not taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def read(
    row: Row, places: Iterable[tuple[str, int]], width: int, reader: Callable[[str, str], Value]
) -> tuple[dict[str, Value], list[BadCell]]:
    """Each cell that is not empty as `reader` takes it by its field's name, and those it does not take."""
    if not row.readable:
        return {}, [BadCell("", Fault.UNREADABLE)]
    if len(row.cells) < width or width_of(row.cells) > width:
        return {}, [BadCell("", Fault.WIDTH)]
    values: dict[str, Value] = {}
    bad: list[BadCell] = []
    for field, place in places:
        text = typed(unicodedata.normalize("NFC", row.cells[place]).strip())
        try:
            if text:
                values[field] = reader(field, text)
        except Wrong as wrong:
            bad.append(BadCell(field, wrong.fault))
    return values, bad


def of_row(bad: Sequence[BadCell]) -> bool:
    """Whether the row itself is bad, so that nothing can be said of its cells."""
    return any(not one.field for one in bad)


def plain(text: str, longest: int) -> None:
    """Wrong where a cell holds signs that nobody sees, or is too long."""
    if not text.isprintable() and any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn") for sign in text):
        raise Wrong(Fault.SIGNS)
    if len(text) > longest:
        raise Wrong(Fault.TOO_LONG)


def fitting(pattern: str, text: str) -> str:
    """The text where it is of this form."""
    if not re.fullmatch(pattern, text, re.ASCII):
        raise Wrong(Fault.WRONG)
    return text


def client_number(text: str) -> str:
    """The branch's own, as pages look for it: in capitals."""
    return fitting(r"[0-9A-Z][0-9A-Z._/-]{0,31}", unicodedata.normalize("NFKC", text).upper())


def choice(seed: str, field: str, kind: type[StrEnum]) -> Callable[[str], Value]:
    """Reads one of an enum's values, by its own name or by the words of a seed file."""

    def reader(text: str) -> Value:
        found = _words(seed, field, kind).get(folded(text).replace("\u2013", "-"))
        if found is None:
            raise Wrong(Fault.NO_CHOICE)
        return kind(found)

    return reader


@cache
def _words(seed: str, field: str, kind: type[StrEnum]) -> Mapping[str, str]:
    words = {folded(word): str(value) for word, value in seeds.read(seed)["values"][field].items()}
    return words | {folded(value): value.value for value in kind}
