"""Which column of a table holds which field of ours."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence

from bot.errors import Refused

NOTHING = ""
"""Stands for the field of a column that is passed over, though its name may say something to us."""

Mapped = Mapping[str, str]
"""Their column to the name of our field, or to NOTHING."""

Headings = Mapping[str, Sequence[str]]
"""Our fields and the names by which their columns are known, the usual one first."""


def folded(text: str) -> str:
    """A heading or a word as it is compared: width, case, blanks and underscores do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split())


def guessed(heading: Sequence[str], mapping: Mapped, known: Headings) -> list[str]:
    """The field that each column holds, as far as the mapping or its name tells; else NOTHING."""
    own = {folded(column): field for column, field in mapping.items()}
    words = {folded(name): field for field, said in known.items() for name in (*said, field)}
    meant = {name: field for name, field in words.items() if field not in own.values()} | own
    return [meant.get(folded(name), NOTHING) for name in heading]


def places(heading: Sequence[str], mapping: Mapped, known: Headings, needed: Collection[str]) -> dict[str, int]:
    """Where each field stands; a saved mapping goes before the names we know ourselves.

    Refused where a needed field stands nowhere, two columns mean the same, or a mapped column is missing.
    """
    names = {folded(name) for name in heading}
    if missing := [column for column in mapping if folded(column) not in names]:
        raise Refused("import_column_missing", column=missing[0])
    found: dict[str, int] = {}
    for place, field in enumerate(guessed(heading, mapping, known)):
        if field != NOTHING:
            if field in found:
                raise Refused("import_column_twice", column=heading[place], other=heading[found[field]])
            found[field] = place
    if lacking := [field for field in needed if field not in found]:
        raise Refused("list_without_numbers", column=known[lacking[0]][0])
    return found
