"""The part of a client's record that staff may edit, and the log of their changes."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from bot.vocabulary import BETWEEN_CLASSES, AssetClass, Birthday, ClientState, Gender, Locale, Style
from storage.models import ClientChangeRow, ClientRow, ClientTagRow, StaffRow
from storage.repositories import claims
from storage.repositories.client_particulars import birthday
from storage.repositories.clients import EMAIL, FUND_ACCOUNT, SALUTATION
from storage.repositories.listing import opened
from storage.unit import Unit

CHANGE = "client_changes.value"
BASE = "clients.record"
"""Places under which values are sealed."""
BETWEEN = "\n"
"""Stands between tags: none holds one."""

Values = Mapping[str, str]
"""The fields in clear by name, empty where there is nothing; tags in order, one a line."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a page shows of a client besides a list's columns; e-mail and fund account are in clear."""

    salutation: str
    gender: Gender
    birthday: Birthday | None
    opened_on: date | None
    locale: Locale
    preferred_channel: str | None
    style: Style | None
    prefers: tuple[AssetClass, ...]
    occupation: str
    region: str
    branch: str
    email: str | None
    fund_account: str | None
    adviser: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody changed, when, and why where they had to say."""

    id: int
    at: datetime
    field: str
    before: str
    after: str
    reason: str | None
    author: str


@dataclass(frozen=True, slots=True)
class Signed:
    """On whose record, by whom and when, and why where that is asked."""

    client_id: int
    staff_id: int
    at: datetime
    reason: str | None = None


def preferred_classes(kept: str | None) -> tuple[AssetClass, ...]:
    """The asset classes that a column names."""
    return tuple(map(AssetClass, kept.split(BETWEEN_CLASSES))) if kept else ()


def profile(unit: Unit, client_id: int) -> Profile:
    """The rest of a client's page."""
    adviser = select(ClientRow, StaffRow.name).outerjoin(StaffRow, StaffRow.id == ClientRow.adviser_id)
    row, name = unit.session.execute(adviser.where(ClientRow.id == client_id)).one()
    return Profile(
        salutation=opened(unit, SALUTATION, row.salutation_sealed) or "",
        gender=row.gender,
        birthday=birthday(row),
        opened_on=row.opened_on,
        locale=row.locale,
        preferred_channel=row.preferred_channel,
        style=row.style,
        prefers=preferred_classes(row.prefers),
        occupation=row.occupation or "",
        region=row.region or "",
        branch=row.branch or "",
        email=opened(unit, EMAIL, row.email_sealed),
        fund_account=opened(unit, FUND_ACCOUNT, row.fund_account_sealed),
        adviser=name,
        updated_at=row.updated_at,
    )


def values(unit: Unit, client_id: int, *, hold: bool = False) -> Values:
    """The record as it stands; `hold` keeps others from changing it until the transaction ends."""
    row = _held(unit, client_id) if hold else unit.session.get_one(ClientRow, client_id)
    tags = select(ClientTagRow.tag).where(ClientTagRow.client_id == client_id)
    return {
        "salutation": opened(unit, SALUTATION, row.salutation_sealed) or "",
        "locale": row.locale.value,
        "preferred_channel": row.preferred_channel or "",
        "email": opened(unit, EMAIL, row.email_sealed) or "",
        "occupation": row.occupation or "",
        "region": row.region or "",
        "tags": BETWEEN.join(sorted(unit.session.scalars(tags))),
    }


def write(unit: Unit, signed: Signed, before: Values, after: Values) -> None:
    """Set the fields that `after` names, and log each."""
    plain = {name: value for name, value in after.items() if name != "tags"}
    columns: dict[str, object] = {"updated_at": signed.at}
    for name, value in plain.items():
        columns |= _columns(unit, name, value)
    unit.session.execute(update(ClientRow).where(ClientRow.id == signed.client_id).values(columns))
    if "tags" in after:
        _tag(unit, signed.client_id, after["tags"])
    for name, value in after.items():
        log(unit, signed, name, (before[name], value))


def set_state(unit: Unit, signed: Signed, state: ClientState) -> ClientState:
    """Set the standing, held against others; gives the one before.

    Where it is another it is logged, and what was about to go out is looked at anew.
    """
    row = _held(unit, signed.client_id)
    before, row.state, row.updated_at = row.state, state, signed.at
    if before is not state:
        log(unit, signed, "state", (before, state))
        claims.look_anew(unit, signed.client_id, signed.at)
    return before


def log(unit: Unit, signed: Signed, field: str, values: tuple[str, str]) -> None:
    """Write down that a field changed from one value to another."""
    before, after = (unit.vault.seal(CHANGE, value) for value in values)
    unit.session.add(
        ClientChangeRow(
            client_id=signed.client_id,
            staff_id=signed.staff_id,
            at=signed.at,
            field=field,
            before_sealed=before,
            after_sealed=after,
            reason=signed.reason,
        )
    )
    unit.flush()


def latest(unit: Unit, client_id: int, field: str) -> Change | None:
    """The last change of one field by staff."""
    row = ClientChangeRow
    statement = select(row, StaffRow.name).join(StaffRow, StaffRow.id == row.staff_id)
    chosen = statement.where(row.client_id == client_id, row.field == field).order_by(row.at.desc(), row.id.desc())
    found = unit.session.execute(chosen.limit(1)).one_or_none()
    return None if found is None else change(unit, *found)


def change(unit: Unit, row: ClientChangeRow, author: str) -> Change:
    """A row of the log in clear."""
    before, after = (unit.vault.open(CHANGE, sealed) for sealed in (row.before_sealed, row.after_sealed))
    return Change(row.id, row.at, row.field, before, after, row.reason, author)


def sealed(unit: Unit, client_id: int, text: str) -> str:
    """What a form carries of this client's record, for nobody to read or to put into another's form."""
    return base64.urlsafe_b64encode(unit.vault.seal(f"{BASE}:{client_id}", text)).decode()


def unsealed(unit: Unit, client_id: int, text: str) -> str:
    """What a form brought back; ValueError for what is no base64, KeyMissing for what is not of this client."""
    return unit.vault.open(f"{BASE}:{client_id}", base64.urlsafe_b64decode(text.encode()))


def _held(unit: Unit, client_id: int) -> ClientRow:
    """The row as it is now that nobody else can change it, whatever was read before."""
    chosen = select(ClientRow).where(ClientRow.id == client_id).with_for_update()
    return unit.session.scalars(chosen.execution_options(populate_existing=True)).one()


def _columns(unit: Unit, name: str, value: str) -> dict[str, object]:
    if name == "email":
        found: dict[str, object] = {"email_sealed": unit.vault.seal(EMAIL, value) if value else None}
        return found | {"email_key": unit.vault.lookup(EMAIL, value) if value else None}
    if name == "salutation":
        return {"salutation_sealed": unit.vault.seal(SALUTATION, value) if value else None}
    return {name: value or None}


def _tag(unit: Unit, client_id: int, tags: str) -> None:
    unit.session.execute(delete(ClientTagRow).where(ClientTagRow.client_id == client_id))
    rows = [{"client_id": client_id, "tag": tag} for tag in tags.split(BETWEEN) if tag]
    if rows:
        unit.session.execute(insert(ClientTagRow), rows)
