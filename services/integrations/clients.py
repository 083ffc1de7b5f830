"""Clients as other systems read and push them: the rules of the import, and an entry in the audit trail for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clock import branch_date
from bot.errors import Refused
from services import audit
from services.audit import Deed, Detail
from services.client_import import checks, enrolment
from services.client_import.checks import Known
from services.client_import.columns import Field
from services.tables.cells import BadCell, Fault
from services.tables.sheets import Row
from storage.repositories import client_particulars as rows
from storage.repositories import client_tags, clients, staff
from storage.repositories.client_particulars import Value
from storage.repositories.integrations import Integration
from storage.unit import Unit

PERSONAL = (
    Field.NAME,
    Field.SALUTATION,
    Field.GENDER,
    Field.BIRTHDAY,
    Field.PHONE,
    Field.EMAIL,
    Field.IDENTITY,
    Field.FUND_ACCOUNT,
    Field.OCCUPATION,
    Field.REGION,
)
"""Fields that take a scope of their own to be read."""
PLAIN = tuple(one for one in Field if one not in PERSONAL and one is not Field.NUMBER)
LONGEST_TAG = 64
MOST_TAGS = 50


class ClientUnknown(Refused):
    """No client has this number."""


class ClientFaulty(Refused):
    """What is pushed cannot be a client's; carries every fault."""

    def __init__(self, bad: Sequence[BadCell]) -> None:
        super().__init__("client_faulty")
        self.bad = tuple(bad)


@dataclass(frozen=True, slots=True)
class By:
    """Which system asks, and when."""

    integration: Integration
    at: datetime

    def deed(self, action: str, thing: str, **detail: str | int | bool | None) -> Deed:
        """What the system does, as the audit trail tells it."""
        told: Detail = {"by": self.integration.signed, **detail}
        return Deed(action, thing, self.at, detail=told)


@dataclass(frozen=True, slots=True)
class Shown:
    """A client: what is on record by field, the manager by staff number."""

    id: int
    number: str
    values: Mapping[Field, Value]
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a client who was pushed: `new`, or the fields that changed."""

    number: str
    new: bool
    changed: Sequence[str]


def one(unit: Unit, by: By, number: str, *, personal: bool) -> Shown:
    """The client of a number; ClientUnknown where there is none."""
    found = _shown(unit, [number], personal)
    if not found:
        raise ClientUnknown("client_unknown")
    audit.record(unit, by.deed("client.read", f"client:{found[0].id}", personal=personal))
    return found[0]


def page(unit: Unit, by: By, after: int, limit: int, *, personal: bool) -> list[Shown]:
    """Clients in order of enrolment, after the one of an id, and one more than `limit` where there are more."""
    found = _shown(unit, rows.following(unit, after, limit + 1), personal)
    if found:
        span = {"first": found[0].id, "last": found[:limit][-1].id}
        audit.record(unit, by.deed("client.read_list", "clients", personal=personal, **span))
    return found


def take(unit: Unit, by: By, number: str, cells: Mapping[Field, str]) -> Taken:
    """Enrol or change a client; what is empty or not there stays. ClientFaulty with everything that is wrong."""
    fields = {Field.NUMBER: number, **cells}
    row, places = Row(1, tuple(fields.values())), {field: place for place, field in enumerate(fields)}
    known = Known(branch_date(by.at), enrolment.managers(unit), places, len(fields))
    values, bad = checks.checked(row, known)
    if bad:
        raise ClientFaulty(bad)
    wanted = enrolment.candidate(values)
    done = enrolment.enrol(unit, [wanted], by.at)
    if done.nameless:
        raise ClientFaulty([BadCell(Field.NAME, Fault.MISSING)])
    if done.gone:
        raise ClientFaulty([BadCell(Field.NUMBER, Fault.GONE)])
    thing = f"client:{id_of(unit, wanted.number)}"
    changed = sorted(done.changed.get(wanted.number, ()))
    if done.new:
        audit.record(unit, by.deed("client.enrol", thing))
    elif changed:
        audit.record(unit, by.deed("client.change", thing, fields=",".join(changed)))
    return Taken(wanted.number, bool(done.new), changed)


def tag(unit: Unit, by: By, number: str, tags: Sequence[str]) -> Sequence[str]:
    """Give a client these tags and no others; gives them in order. ClientUnknown where there is none."""
    client_id, wanted = id_of(unit, number), sorted(set(tags))
    clients.hold(unit, [client_id])  # staff may be at the same record
    if list(client_tags.of(unit, [client_id]).get(client_id, ())) != wanted:
        client_tags.replace(unit, client_id, wanted)
        audit.record(unit, by.deed("client.tag", f"client:{client_id}", tags=len(wanted)))
    return wanted


def id_of(unit: Unit, number: str) -> int:
    """The id of the client of a number; ClientUnknown where there is none."""
    found = rows.standing(unit, [number], [])
    if number not in found or found[number].gone:
        raise ClientUnknown("client_unknown")
    return found[number].id


def _shown(unit: Unit, numbers: Sequence[str], personal: bool) -> list[Shown]:
    fields = (*PLAIN, *PERSONAL) if personal else PLAIN
    found = rows.standing(unit, numbers, fields)
    tags = client_tags.of(unit, [one.id for one in found.values()])
    people = {person.id: person.number for person in staff.all_of(unit)}
    return [
        Shown(known.id, number, _values(known.particulars, people), tags.get(known.id, ()))
        for number in numbers
        if (known := found.get(number)) is not None and not known.gone
    ]


def _values(particulars: rows.Particulars, people: Mapping[int, str]) -> dict[Field, Value]:
    values = {Field(name): value for name, value in particulars.items()}
    if Field.MANAGER in values:
        values[Field.MANAGER] = people[int(str(values[Field.MANAGER]))]
    return values
