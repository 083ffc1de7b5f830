"""Reading and writing clients."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from bot.vocabulary import (
    AssetBand,
    Birthday,
    ClientKind,
    ClientState,
    ConsentPurpose,
    Duty,
    Gender,
    Locale,
    PersonalField,
    RiskLevel,
)
from storage.models import ClientRow, ClientTagRow, ConsentRow
from storage.repositories import client_assignments
from storage.repositories.client_assignments import Hand
from storage.unit import Unit

SALUTATION = "clients.salutation"
NAME = "clients.name"
PREFIX = "clients.prefix"
PHONE = "clients.phone"
IDENTITY = "clients.identity"
EMAIL = "clients.email"
FUND_ACCOUNT = "clients.fund_account"
"""Places under which fields are sealed and looked up."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client as a turn or a page knows them; the salutation is personal data."""

    id: int
    public_id: str
    number: str
    salutation: str
    locale: Locale
    state: ClientState
    kind: ClientKind
    risk_level: RiskLevel | None
    risk_valid_until: date | None
    manager_id: int | None
    adviser_id: int | None

    @property
    def keepers(self) -> tuple[int | None, int | None]:
        """Whose client it is: who manages them, and who advises them."""
        return self.manager_id, self.adviser_id


def by_id(unit: Unit, client_id: int) -> Client | None:
    """The client, if there is one."""
    row = unit.session.get(ClientRow, client_id)
    return None if row is None else _client(unit, row)


def by_ids(unit: Unit, ids: Sequence[int]) -> dict[int, Client]:
    """Clients by id."""
    if not ids:
        return {}
    rows = unit.session.scalars(select(ClientRow).where(ClientRow.id.in_(ids)))
    return {row.id: _client(unit, row) for row in rows}


def by_number(unit: Unit, number: str) -> Client | None:
    """The client with the branch's number, if there is one; a number merged into another finds that one."""
    row = unit.session.scalars(select(ClientRow).where(ClientRow.number == number)).one_or_none()
    if row is not None and row.merged_into is not None:
        return by_id(unit, row.merged_into)
    return None if row is None else _client(unit, row)


def same(unit: Unit, client_id: int) -> list[int]:
    """The ids of a client's record and of those that were merged into it."""
    others = select(ClientRow.id).where(ClientRow.merged_into == client_id).order_by(ClientRow.id)
    return [client_id, *unit.session.scalars(others)]


def hold(unit: Unit, client_ids: Sequence[int]) -> None:
    """Let others who decide on these clients wait until this transaction ends."""
    rows = select(ClientRow.id).where(ClientRow.id.in_(client_ids)).order_by(ClientRow.id)
    unit.session.execute(rows.with_for_update()).all()


def gone(unit: Unit, client_id: int) -> bool:
    """Whether nobody works with the record any more."""
    return unit.session.scalar(select(ClientRow.gone).where(ClientRow.id == client_id)) is not None


def _client(unit: Unit, row: ClientRow) -> Client:
    sealed = row.salutation_sealed
    return Client(
        id=row.id,
        public_id=row.public_id,
        number=row.number,
        salutation=unit.vault.open(SALUTATION, sealed) if sealed else "",
        locale=row.locale,
        state=row.state,
        kind=row.kind,
        risk_level=row.risk_level,
        risk_valid_until=row.risk_valid_until,
        manager_id=row.manager_id,
        adviser_id=row.adviser_id,
    )


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client to be enrolled; `number` is the branch's own."""

    number: str
    name: str
    salutation: str
    phone: str
    identity: str
    gender: Gender = Gender.UNKNOWN
    locale: Locale = Locale.ZH_CN
    state: ClientState = ClientState.NORMAL
    kind: ClientKind = ClientKind.ORDINARY
    asset_band: AssetBand = AssetBand.UNKNOWN
    risk_level: RiskLevel | None = None
    risk_valid_until: date | None = None
    manager_id: int | None = None
    birthday: Birthday | None = None
    opened_on: date | None = None
    opted_out_at: datetime | None = None
    tags: tuple[str, ...] = ()
    consents: tuple[ConsentPurpose, ...] = ()
    fictional: bool = False


def enrol(unit: Unit, clients: Sequence[NewClient], now: datetime) -> dict[str, int]:
    """Add clients with their tags and consents, set-wise; returns their ids by number."""
    unit.session.execute(insert(ClientRow), [_columns(unit, client, now) for client in clients])
    numbers = [client.number for client in clients]
    found = unit.session.execute(select(ClientRow.number, ClientRow.id).where(ClientRow.number.in_(numbers)))
    ids = {row.number: row.id for row in found}
    tags = [{"client_id": ids[client.number], "tag": tag} for client in clients for tag in client.tags]
    consents = [_consent(ids[client.number], purpose, now) for client in clients for purpose in client.consents]
    for model, rows in ((ClientTagRow, tags), (ConsentRow, consents)):
        if rows:
            unit.session.execute(insert(model), rows)
    client_assignments.follow(unit, Duty.MANAGER, ClientRow.number.in_(numbers), Hand(now))
    return ids


def _consent(client_id: int, purpose: ConsentPurpose, now: datetime) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "purpose": purpose,
        "granted": True,
        "current": True,
        "version": "1",
        "channel": "counter",
        "at": now,
    }


def _columns(unit: Unit, client: NewClient, now: datetime) -> dict[str, Any]:
    birthday = client.birthday
    return {
        "public_id": f"c_{secrets.token_hex(5)}",
        "number": client.number,
        **_sealed(unit, client),
        "gender": client.gender,
        "locale": client.locale,
        "state": client.state,
        "kind": client.kind,
        "asset_band": client.asset_band,
        "risk_level": client.risk_level,
        "risk_valid_until": client.risk_valid_until,
        "manager_id": client.manager_id,
        "birth_month": birthday.month if birthday else None,
        "birth_day": birthday.day if birthday else None,
        "birth_year": birthday.year if birthday else None,
        "birth_lunar": bool(birthday and birthday.lunar),
        "birth_leap": bool(birthday and birthday.leap),
        "opened_on": client.opened_on,
        "opted_out_at": client.opted_out_at,
        "fictional": client.fictional,
        "created_at": now,
        "updated_at": now,
    }


def _sealed(unit: Unit, client: NewClient) -> dict[str, bytes]:
    vault = unit.vault
    return {
        "name_sealed": vault.seal(NAME, client.name),
        "name_key": vault.lookup(NAME, client.name),
        "prefix_key": vault.lookup(PREFIX, client.name[:2]),
        "phone_sealed": vault.seal(PHONE, client.phone),
        "phone_key": vault.lookup(PHONE, client.phone),
        "identity_sealed": vault.seal(IDENTITY, client.identity),
        "identity_key": vault.lookup(IDENTITY, client.identity),
        "salutation_sealed": vault.seal(SALUTATION, client.salutation),
    }


def clear(unit: Unit, client_id: int, field: PersonalField) -> str | None:
    """A sealed field in clear; None where there is none."""
    row = unit.session.get_one(ClientRow, client_id)
    place, sealed = {
        PersonalField.NAME: (NAME, row.name_sealed),
        PersonalField.PHONE: (PHONE, row.phone_sealed),
        PersonalField.IDENTITY: (IDENTITY, row.identity_sealed),
        PersonalField.EMAIL: (EMAIL, row.email_sealed),
        PersonalField.FUND_ACCOUNT: (FUND_ACCOUNT, row.fund_account_sealed),
    }[field]
    return unit.vault.open(place, sealed) if sealed else None
