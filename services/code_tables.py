"""Tables of bind codes that another house made and printed: the file brings the codes, so that it can be sent in again.

A code that is on record for its client already is left as it is, used or over; so the same table twice changes nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.vocabulary import Action, ConsentPurpose, TableKind
from services import audit
from services.audit import Deed
from services.calendar.branch import DAY
from services.calendar.hours import at
from services.client_import import days
from services.identity import LEFT, code_in
from services.tables import cells, headings, sheets
from services.tables.cells import BadCell, Fault, Value, Values, Wrong, choice, client_number
from services.tables.headings import Headings
from services.tables.run import Check, Good, Manner, Noun, Rejected, Taken
from services.tables.sheets import Row
from storage import seeds
from storage.repositories import bindings as rows
from storage.repositories import staff as people
from storage.repositories.bindings import Bearer, NewCode
from storage.repositories.imports import Counts
from storage.unit import Unit

SEED = "bind_code_columns.yaml"
LIFE = timedelta(days=7)
"""Of a code whose table tells no end: letters take days."""
LONGEST = timedelta(days=30)
LONGEST_CELL = 120
_BETWEEN = re.compile("[,;|/\u3001\uff0c\uff1b\\s]+")
_INSTANT = re.compile(r"(?P<on>\S+?)[T\s]+(?P<at>\d{1,2}:\d{2}(?::\d{2})?)")


class Field(StrEnum):
    """What a table may tell of a code: whose it is, its last day or instant, what was agreed to in writing."""

    NUMBER = "number"
    CODE = "bind_code"
    UNTIL = "until"
    CONSENTS = "consents"


NEEDED = (Field.NUMBER, Field.CODE)


def known() -> Headings:
    """The names by which columns are known."""
    names: Headings = seeds.read(SEED)["headings"]
    return names


@dataclass(frozen=True, slots=True)
class _Known:
    """Whom the rows of a batch name, and whose their codes are already."""

    bearers: Mapping[str, Bearer]
    owners: Mapping[str, int]


def _check(_unit: Unit, manner: Manner, heading: Row) -> Check:
    places = headings.places(heading.cells, manner.mapping, known(), NEEDED)
    width = sheets.width_of(heading.cells)

    def check(row: Row) -> tuple[Values, list[BadCell]]:
        values, bad = cells.read(row, places.items(), width, _value)
        told = {*values, *(one.field for one in bad)}
        missing = [BadCell(name, Fault.MISSING) for name in NEEDED if name not in told]
        return values, bad if cells.of_row(bad) else bad + missing

    return check


def _take(unit: Unit, manner: Manner, good: Sequence[Good]) -> Taken:
    bearers = rows.bearers(unit, [str(one.values[Field.NUMBER]) for one in good])
    there = _Known(bearers, rows.owners(unit, [str(one.values[Field.CODE]) for one in good]))
    late = [Rejected(one.row, (bad,)) for one in good if (bad := _objection(one.values, there, manner.at))]
    refused = {one.row.line for one in late}
    left = [one.values for one in good if one.row.line not in refused]
    new = [values for values in left if values[Field.CODE] not in there.owners]
    if not manner.dry:
        _issue(unit, manner, [(there.bearers[str(values[Field.NUMBER])].id, values) for values in new])
    return Counts(new=len(new), unchanged=len(left) - len(new)), late


def _objection(values: Values, there: _Known, now: datetime) -> BadCell | None:
    """Why a code cannot be given to this client; one that is theirs already is never given again."""
    bearer, owner = there.bearers.get(str(values[Field.NUMBER])), there.owners.get(str(values[Field.CODE]))
    if bearer is None:
        return BadCell(Field.NUMBER, Fault.NO_CLIENT)
    if owner is not None:
        return None if owner == bearer.id else BadCell(Field.CODE, Fault.TAKEN)
    if bearer.state in LEFT:
        return BadCell(Field.NUMBER, Fault.LEFT)
    if not bearer.has_identity:
        return BadCell(Field.NUMBER, Fault.NO_IDENTITY)
    return None if now < _until(values, now) <= now + LONGEST + DAY else BadCell(Field.UNTIL, Fault.SPAN)


def _issue(unit: Unit, manner: Manner, wanted: Sequence[tuple[int, Values]]) -> None:
    by = people.by_number(unit, manner.by)
    staff_id, clients = by.id if by else None, [client_id for client_id, _ in wanted]
    rows.withdraw_unused(unit, manner.at, *clients)
    rows.add(unit, *(_new(manner, staff_id, client_id, values) for client_id, values in wanted))
    audit.record(unit, *(Deed("bind_code.issue", f"client:{one}", manner.at, staff_id) for one in clients))


def _new(manner: Manner, staff_id: int | None, client_id: int, values: Values) -> NewCode:
    consents = [ConsentPurpose(word) for word in str(values.get(Field.CONSENTS, "")).split()]
    return NewCode(str(values[Field.CODE]), client_id, staff_id, consents, manner.at, _until(values, manner.at))


def _until(values: Values, now: datetime) -> datetime:
    told = values.get(Field.UNTIL)
    return now + LIFE if told is None else datetime.fromisoformat(str(told))


def _value(name: str, text: str) -> Value:
    cells.plain(text, LONGEST_CELL)
    return READERS[name](text)


def _code(text: str) -> str:
    found = code_in(text)
    if found is None:
        raise Wrong(Fault.WRONG)
    return found


def _end(text: str) -> str:
    """The instant at which a code is over: what is told, or the end of a day that is told."""
    told = _INSTANT.fullmatch(text)
    if told is None:
        return at(days.told(text) + DAY, time(0)).isoformat()
    try:
        return at(days.told(told["on"]), time.fromisoformat(told["at"].rjust(5, "0"))).isoformat()
    except ValueError:
        raise Wrong(Fault.WRONG) from None


def _consents(text: str) -> str:
    return " ".join(dict.fromkeys(str(_purpose(word)) for word in _BETWEEN.split(text) if word))


_purpose = choice(SEED, Field.CONSENTS, ConsentPurpose)
READERS: Mapping[str, Callable[[str], Value]] = {
    Field.NUMBER: client_number,
    Field.CODE: _code,
    Field.UNTIL: _end,
    Field.CONSENTS: _consents,
}

BIND_CODES = Noun(
    kind=TableKind.BIND_CODE,
    action=Action.IMPORT_CLIENTS,
    deeds=("bind_code.import_begin", "bind_code.import"),
    fields=tuple(Field),
    needed=NEEDED,
    known=known,
    check=_check,
    once=((Field.NUMBER,), (Field.CODE,)),
    take=_take,
)
