"""Which column of a file holds which field of ours."""

import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum

from bot.errors import Refused
from storage import seeds

SEED = "client_columns.yaml"


class Field(StrEnum):
    """What a table may tell of a client; the number says whose row it is."""

    NUMBER = "number"
    NAME = "name"
    SALUTATION = "salutation"
    PHONE = "phone"
    EMAIL = "email"
    IDENTITY = "identity"
    GENDER = "gender"
    BIRTHDAY = "birthday"
    MANAGER = "manager"
    OPENED_ON = "opened_on"
    FUND_ACCOUNT = "fund_account"
    OCCUPATION = "occupation"
    REGION = "region"
    STATE = "state"
    KIND = "kind"
    ASSET_BAND = "asset_band"
    RISK_LEVEL = "risk_level"
    RISK_VALID_UNTIL = "risk_valid_until"
    LOCALE = "locale"


Mapped = Mapping[str, str]
"""Their column to the name of our field."""


def folded(text: str) -> str:
    """A heading or a word as it is compared: width, case, blanks and underscores do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split())


def places(heading: Sequence[str], mapping: Mapped) -> dict[Field, int]:
    """Where each field stands; a saved mapping goes before the names we know ourselves.

    Refused where the client's number stands nowhere, two columns mean the same, or a mapped column is missing.
    """
    names = [folded(name) for name in heading]
    own = {folded(column): Field(field) for column, field in mapping.items()}
    if missing := [column for column in mapping if folded(column) not in names]:
        raise Refused("import_column_missing", column=missing[0])
    known = {name: field for name, field in _known().items() if field not in own.values()} | own
    found: dict[Field, int] = {}
    for place, name in enumerate(names):
        if (field := known.get(name)) is not None:
            if field in found:
                raise Refused("import_column_twice", column=heading[place], other=heading[found[field]])
            found[field] = place
    if Field.NUMBER not in found:
        raise Refused("list_without_numbers", column=_named(Field.NUMBER))
    return found


def _known() -> dict[str, Field]:
    headings: Mapping[str, Sequence[str]] = seeds.read(SEED)["headings"]
    return {folded(name): Field(field) for field, names in headings.items() for name in (*names, field)}


def _named(field: Field) -> str:
    return str(seeds.read(SEED)["headings"][field.value][0])
