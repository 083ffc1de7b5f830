"""Whether a row can be a client's, cell by cell: what it says, or what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.vocabulary import (
    BETWEEN_CLASSES,
    AssetBand,
    AssetClass,
    Birthday,
    ClientKind,
    ClientState,
    Gender,
    Locale,
    RiskLevel,
    Style,
)
from services.client_import import days
from services.client_import.columns import SEED, Field
from services.tables import cells
from services.tables.cells import BadCell, Fault, Value, Values, Wrong, choice, client_number, fitting
from services.tables.sheets import Row


@dataclass(frozen=True, slots=True)
class Known:
    """What a row is checked against: the branch's day, staff ids by number, and where each field stands."""

    today: date
    managers: Mapping[str, int]
    places: Mapping[Field, int]
    width: int


def checked(row: Row, known: Known) -> tuple[Values, list[BadCell]]:
    """What a row says of a client, by field and without its empty cells, and everything wrong with it."""
    values, bad = cells.read(
        row, known.places.items(), known.width, lambda field, text: _value(Field(field), text, known)
    )
    return values, bad if cells.of_row(bad) else bad + list(_together(values, bad))


def cell(field: Field, text: str) -> Value | Fault:
    """What one cell says that stands by itself: no manager, and no day that must be past."""
    try:
        return _value(field, text, Known(date.max, {}, {}, 0))
    except Wrong as wrong:
        return wrong.fault


def _together(values: Values, bad: Sequence[BadCell]) -> Iterator[BadCell]:
    if Field.NUMBER not in values and not any(one.field == Field.NUMBER for one in bad):
        yield BadCell(Field.NUMBER, Fault.MISSING)
    born, identity = values.get(Field.BIRTHDAY), values.get(Field.IDENTITY)
    if isinstance(born, Birthday) and isinstance(identity, str) and not _agree(born, identity):
        yield BadCell(Field.BIRTHDAY, Fault.OTHER_BIRTHDAY)


def _agree(born: Birthday, identity: str) -> bool:
    """Only a solar birthday can be compared: many an identity card bears the lunar day."""
    on = born_on(identity)
    if on is None or born.lunar:
        return True
    return (born.month, born.day) == (on.month, on.day) and born.year in (None, on.year)


def _value(field: Field, text: str, known: Known) -> Value:
    cells.plain(text, LONGEST.get(field, 120))
    if field is Field.MANAGER:
        return _manager(text, known)
    value = READERS[field](text)
    latest = value if isinstance(value, date) else _latest(field, value)
    if latest is not None and latest > known.today and field is not Field.RISK_VALID_UNTIL:
        raise Wrong(Fault.FUTURE)
    return value


def _latest(field: Field, value: Value) -> date | None:
    if isinstance(value, Birthday):
        return date(value.year, 1, 1) if value.lunar and value.year else _solar(value)
    return born_on(value) if field is Field.IDENTITY and isinstance(value, str) else None


def _solar(born: Birthday) -> date | None:
    return date(born.year, born.month, born.day) if born.year else None


def _manager(text: str, known: Known) -> int:
    if text not in known.managers:
        raise Wrong(Fault.NOBODY)
    return known.managers[text]


def _name(text: str) -> str:
    """The whole name; only the dot inside it is written one way, and blanks become one."""
    plain = " ".join(_DOTS.sub("\u00b7", text).split())
    if not any(unicodedata.category(sign).startswith("L") for sign in plain):
        raise Wrong(Fault.WRONG)
    return plain


def _phone(text: str) -> str:
    plain = re.sub(r"[\s()\-]", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"^(?:\+|00)86(?=1\d{10}$|0\d{9,11}$)", "", plain, flags=re.ASCII)
    return fitting(r"1\d{10}|0\d{9,11}|\+[1-9]\d{6,14}", plain)


def _email(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return fitting(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}", plain)


def _identity(text: str) -> str:
    """A resident's number with its check digit, or a passport or permit."""
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split())
    if not re.fullmatch(_RESIDENT, plain, re.ASCII):
        return fitting(r"[A-Z]{1,3}\d{6,12}|\d{8}", plain)
    if check_digit(plain) != plain[-1]:
        raise Wrong(Fault.CHECK_DIGIT)
    if born_on(plain) is None:
        raise Wrong(Fault.WRONG)
    return plain


def check_digit(identity: str) -> str:
    """The last sign of a resident's number by its first 17 (GB 11643: ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(identity[:17]))
    return "10X98765432"[total % 11]


def born_on(identity: str) -> date | None:
    """The day inside a resident's number; None where there is none."""
    resident = re.fullmatch(_RESIDENT, identity, re.ASCII)
    return days.day(identity[6:14]) if resident else None


def _account(text: str) -> str:
    return fitting(r"[0-9A-Z-]{4,32}", unicodedata.normalize("NFKC", text).upper())


def _birthday(text: str) -> Birthday:
    found = days.birthday(text)
    if found is None:
        raise Wrong(Fault.WRONG)
    return found


def _choice(field: Field, kind: type[StrEnum]) -> Callable[[str], Value]:
    return choice(SEED, field, kind)


def _prefers(text: str) -> str:
    """Asset classes by the words of the tables of holdings, each once and in our order, whatever theirs is."""
    found = {_ASSET_CLASS(one) for one in map(str.strip, re.split(_BETWEEN, text)) if one}
    if not found:
        raise Wrong(Fault.WRONG)
    return BETWEEN_CLASSES.join(kind for kind in AssetClass if kind in found)


_ASSET_CLASS = choice("holding_columns.yaml", "asset_class", AssetClass)
_BETWEEN = "[,;/|+\u3001\uff0c\uff1b\uff0f]"
_RESIDENT = r"\d{17}[\dX]"
_DOTS = re.compile("[\u2022\u2027\u22c5\u30fb\uff65\u2219\u00b7]")
LONGEST = {
    Field.NUMBER: 32,
    Field.EMAIL: 254,
    **dict.fromkeys((Field.OCCUPATION, Field.REGION, Field.BRANCH, Field.SALUTATION), 64),
}

READERS: Mapping[Field, Callable[[str], Value]] = {
    Field.NUMBER: client_number,
    Field.NAME: _name,
    Field.SALUTATION: str,
    Field.PHONE: _phone,
    Field.EMAIL: _email,
    Field.IDENTITY: _identity,
    Field.GENDER: _choice(Field.GENDER, Gender),
    Field.BIRTHDAY: _birthday,
    Field.OPENED_ON: days.told,
    Field.FUND_ACCOUNT: _account,
    Field.OCCUPATION: str,
    Field.REGION: str,
    Field.BRANCH: str,
    Field.STATE: _choice(Field.STATE, ClientState),
    Field.KIND: _choice(Field.KIND, ClientKind),
    Field.ASSET_BAND: _choice(Field.ASSET_BAND, AssetBand),
    Field.STYLE: _choice(Field.STYLE, Style),
    Field.PREFERS: _prefers,
    Field.RISK_LEVEL: _choice(Field.RISK_LEVEL, RiskLevel),
    Field.RISK_VALID_UNTIL: days.told,
    Field.LOCALE: _choice(Field.LOCALE, Locale),
}
