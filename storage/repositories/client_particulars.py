"""What an import knows of clients: read for comparison and written set-wise, sealed as the vault does."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, select, update

from bot.vocabulary import Birthday, Duty
from storage.bulk import add_all
from storage.models import ClientFiguresRow, ClientRow
from storage.repositories import client_assignments
from storage.repositories.client_assignments import Hand
from storage.repositories.clients import EMAIL, FUND_ACCOUNT, IDENTITY, NAME, PHONE, PREFIX, SALUTATION
from storage.unit import Unit

Value = str | int | date | Birthday | Decimal
Particulars = Mapping[str, Value]
"""Values in clear by the name of the field."""

SEALED = {
    "name": NAME,
    "salutation": SALUTATION,
    "phone": PHONE,
    "identity": IDENTITY,
    "email": EMAIL,
    "fund_account": FUND_ACCOUNT,
}
_COLUMNS = {"manager": "manager_id"}


@dataclass(frozen=True, slots=True)
class Standing:
    """A client as the database has them; with `reckoned` the asset band follows from what they hold.

    `gone`: nobody works with the record any more.
    """

    id: int
    particulars: Particulars
    reckoned: bool = False
    gone: bool = False


def standing(unit: Unit, numbers: Sequence[str], fields: Sequence[str]) -> dict[str, Standing]:
    """Clients by number with these fields, those left out that are empty."""
    rows = unit.session.scalars(select(ClientRow).where(ClientRow.number.in_(numbers))).all()
    figures = select(ClientFiguresRow.client_id).where(ClientFiguresRow.client_id.in_([row.id for row in rows]))
    reckoned = set(unit.session.scalars(figures))
    return {
        row.number: Standing(row.id, _particulars(unit, row, fields), row.id in reckoned, row.gone is not None)
        for row in rows
    }


def following(unit: Unit, after: int, limit: int) -> list[str]:
    """The numbers of clients in order of enrolment, after the one of an id."""
    found = (
        select(ClientRow.number)
        .where(ClientRow.id > after, ClientRow.gone.is_(None))
        .order_by(ClientRow.id)
        .limit(limit)
    )
    return list(unit.session.scalars(found))


def add(unit: Unit, clients: Sequence[tuple[str, Particulars]], now: datetime) -> None:
    """Enrol clients by number; each has a name."""
    rows = [
        {"public_id": f"c_{secrets.token_hex(5)}", "number": number, "created_at": now, "updated_at": now}
        | _columns(unit, particulars)
        for number, particulars in clients
    ]
    if rows:
        add_all(unit, ClientRow, rows)
        _follow(unit, ClientRow.number.in_([number for number, _ in clients]), now)


def change(unit: Unit, clients: Sequence[tuple[int, Particulars]], now: datetime) -> None:
    """Write these fields of clients by id; what is not named stays."""
    rows = [{"id": found, "updated_at": now} | _columns(unit, particulars) for found, particulars in clients]
    if rows:
        unit.session.execute(update(ClientRow), rows)
    if moved := [found for found, particulars in clients if "manager" in particulars]:
        _follow(unit, ClientRow.id.in_(moved), now)


def _follow(unit: Unit, chosen: ColumnElement[bool], now: datetime) -> None:
    client_assignments.follow(unit, Duty.MANAGER, chosen, Hand(now))


def _particulars(unit: Unit, row: ClientRow, fields: Sequence[str]) -> Particulars:
    found = {field: _value(unit, row, field) for field in fields}
    return {field: value for field, value in found.items() if value is not None}


def _value(unit: Unit, row: ClientRow, field: str) -> Value | None:
    if field in SEALED:
        sealed: bytes | None = getattr(row, f"{field}_sealed")
        return unit.vault.open(SEALED[field], sealed) if sealed else None
    if field == "birthday":
        return birthday(row)
    value: Value | None = getattr(row, _COLUMNS.get(field, field))
    return value


def birthday(row: ClientRow) -> Birthday | None:
    """The day on record, if there is one."""
    if row.birth_month is None or row.birth_day is None:
        return None
    return Birthday(row.birth_month, row.birth_day, row.birth_year, row.birth_lunar, row.birth_leap)


def _columns(unit: Unit, particulars: Particulars) -> dict[str, object]:
    columns: dict[str, object] = {}
    for field, value in particulars.items():
        if field in SEALED:
            columns |= _sealed(unit, field, str(value))
        elif isinstance(value, Birthday):
            columns |= {"birth_month": value.month, "birth_day": value.day, "birth_year": value.year}
            columns |= {"birth_lunar": value.lunar, "birth_leap": value.leap}
        else:
            columns[_COLUMNS.get(field, field)] = value
    return columns


def _sealed(unit: Unit, field: str, value: str) -> dict[str, bytes]:
    place = SEALED[field]
    found = {f"{field}_sealed": unit.vault.seal(place, value)}
    if field != "salutation":
        found[f"{field}_key"] = unit.vault.lookup(place, value)
    if field == "name":
        found["prefix_key"] = unit.vault.lookup(PREFIX, value[:2])
    return found
