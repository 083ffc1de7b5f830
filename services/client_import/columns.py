"""Which column of a table of clients holds which field of ours."""

from collections.abc import Sequence
from enum import StrEnum

from services.tables import headings
from services.tables.headings import Headings, Mapped
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
    BRANCH = "branch"
    STATE = "state"
    KIND = "kind"
    ASSET_BAND = "asset_band"
    STYLE = "style"
    PREFERS = "prefers"
    RISK_LEVEL = "risk_level"
    RISK_VALID_UNTIL = "risk_valid_until"
    LOCALE = "locale"


NEEDED = (Field.NUMBER,)


def known() -> Headings:
    """The names by which columns are known."""
    names: Headings = seeds.read(SEED)["headings"]
    return names


def places(heading: Sequence[str], mapping: Mapped) -> dict[Field, int]:
    """Where each field stands; Refused where the client's number stands nowhere, and as all headings are."""
    found = headings.places(heading, mapping, known(), NEEDED)
    return {Field(name): place for name, place in found.items()}
