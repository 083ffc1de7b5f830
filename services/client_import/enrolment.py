"""Bringing checked clients in: new ones are enrolled, of known ones is written what is different."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.vocabulary import Gender, StaffState
from services.client_import.columns import Field
from services.client_import.greeting import salutation
from services.tables.cells import Values
from storage.repositories import client_particulars as rows
from storage.repositories import staff as people
from storage.repositories.client_particulars import Particulars, Standing
from storage.repositories.holds import Matter, hold
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Candidate:
    """A client who is good by themselves: what is not in `wanted` stays as it is."""

    number: str
    wanted: Particulars


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What was done, or would be, by the clients' numbers; the nameless would be new and have no name.

    With the records of those who are gone nobody works any more: nothing brings them back.
    """

    new: Sequence[str]
    changed: Mapping[str, Particulars]
    unchanged: Sequence[str]
    nameless: frozenset[str]
    gone: frozenset[str]


def managers(unit: Unit) -> dict[str, int]:
    """Whom a client may be given to: the ids of those who work here, by staff number."""
    return {one.number: one.id for one in people.all_of(unit) if one.state is StaffState.ACTIVE}


def candidate(values: Values) -> Candidate:
    """What a row without a fault says of a client."""
    wanted = {str(one): value for one, value in values.items() if one != Field.NUMBER}
    return Candidate(str(values[Field.NUMBER]), wanted)


def enrol(unit: Unit, candidates: Sequence[Candidate], at: datetime, *, dry: bool = False) -> Enrolled:
    """Write clients, each number once; a new client without a name is only found out here.

    Who brings clients in at one time takes turns.
    """
    if not dry:
        hold(unit, Matter.IMPORTS)
    fields = {one for found in candidates for one in found.wanted} | {Field.NAME, Field.GENDER, Field.SALUTATION}
    there = rows.standing(unit, [one.number for one in candidates], sorted(fields))
    unknown = [one for one in candidates if one.number not in there]
    new = [(one.number, _greeted(one.wanted, {})) for one in unknown if Field.NAME in one.wanted]
    pairs = [(one, there[one.number]) for one in candidates if one.number in there and not there[one.number].gone]
    changed = {one.number: change for one, known in pairs if (change := _change(one, known))}
    if not dry:
        rows.add(unit, new, at)
        rows.change(unit, [(there[number].id, change) for number, change in changed.items()], at)
    return Enrolled(
        new=[number for number, _ in new],
        changed=changed,
        unchanged=[one.number for one, _ in pairs if one.number not in changed],
        nameless=frozenset(one.number for one in unknown if Field.NAME not in one.wanted),
        gone=frozenset(number for number, known in there.items() if known.gone),
    )


def _change(one: Candidate, known: Standing) -> Particulars:
    wanted = dict(_greeted(one.wanted, known.particulars))
    if known.reckoned:
        wanted.pop(Field.ASSET_BAND, None)
    return {name: value for name, value in wanted.items() if known.particulars.get(name) != value}


def _greeted(wanted: Particulars, known: Particulars) -> Particulars:
    """With the greeting that follows from name and gender, unless somebody chose one."""
    touched = {Field.NAME, Field.GENDER} & wanted.keys()
    if Field.SALUTATION in wanted or not touched or known.get(Field.SALUTATION, _greeting(known)) != _greeting(known):
        return wanted
    return {**wanted, Field.SALUTATION.value: _greeting({**known, **wanted})}


def _greeting(known: Mapping[str, rows.Value]) -> str:
    name = known.get(Field.NAME)
    return salutation(str(name), Gender(str(known.get(Field.GENDER, Gender.UNKNOWN)))) if name else ""
