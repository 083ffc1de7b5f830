"""Two records of one person side by side, and what would stand after their merger: by the merger's own rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import inspect, select

from bot.vocabulary import (
    AssetBand,
    AssetClass,
    Birthday,
    ClientKind,
    ClientState,
    ConsentPurpose,
    Gender,
    Locale,
    RiskLevel,
    Style,
)
from storage.models import ClientRow, StaffRow
from storage.repositories import client_tags, merging
from storage.repositories.client_particulars import birthday
from storage.repositories.client_record import preferred_classes
from storage.repositories.clients import EMAIL, FUND_ACCOUNT, IDENTITY, NAME, PHONE, SALUTATION
from storage.repositories.listing import opened
from storage.repositories.merging import Said
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Side:
    """What a record says; name, telephone, e-mail, id number and account are in clear."""

    public_id: str
    number: str
    name: str
    salutation: str
    phone: str | None
    identity: str | None
    email: str | None
    fund_account: str | None
    gender: Gender
    birthday: Birthday | None
    branch: str
    opened_on: date | None
    locale: Locale
    state: ClientState
    kind: ClientKind
    risk_level: RiskLevel | None
    risk_valid_until: date | None
    asset_band: AssetBand
    style: Style | None
    prefers: tuple[AssetClass, ...]
    manager: str | None
    adviser: str | None
    preferred_channel: str | None
    quiet: tuple[time, time] | None
    occupation: str
    region: str
    opted_out_at: datetime | None
    tags: tuple[str, ...]
    agreed: frozenset[ConsentPurpose]


def sides(unit: Unit, one: int, into: int) -> tuple[Side, Side, Side]:
    """The record that goes, the one that stays, and how that one would read afterwards."""
    old, new = unit.session.get_one(ClientRow, one), unit.session.get_one(ClientRow, into)
    columns = {column.key: getattr(new, column.key) for column in inspect(ClientRow).column_attrs}
    stands = ClientRow(**columns | merging.united(old, new))
    said = merging.said_by(unit, (one, into))
    words = [[each for each in said if each.client_id == row.id] for row in (old, new)]
    tags = client_tags.of(unit, [one, into])
    held = [tuple(sorted(tags.get(row.id, ()))) for row in (old, new)]
    both = tuple(sorted({*held[0], *held[1]}))
    return (
        _side(unit, old, held[0], merging.holding(words[0])),
        _side(unit, new, held[1], merging.holding(words[1])),
        _side(unit, stands, both, merging.holding(said)),
    )


def _side(unit: Unit, row: ClientRow, tags: tuple[str, ...], said: Mapping[ConsentPurpose, Said]) -> Side:
    return Side(
        public_id=row.public_id,
        number=row.number,
        name=opened(unit, NAME, row.name_sealed) or "",
        salutation=opened(unit, SALUTATION, row.salutation_sealed) or "",
        phone=opened(unit, PHONE, row.phone_sealed),
        identity=opened(unit, IDENTITY, row.identity_sealed),
        email=opened(unit, EMAIL, row.email_sealed),
        fund_account=opened(unit, FUND_ACCOUNT, row.fund_account_sealed),
        gender=row.gender,
        birthday=birthday(row),
        branch=row.branch or "",
        opened_on=row.opened_on,
        locale=row.locale,
        state=row.state,
        kind=row.kind,
        risk_level=row.risk_level,
        risk_valid_until=row.risk_valid_until,
        asset_band=row.asset_band,
        style=row.style,
        prefers=preferred_classes(row.prefers),
        manager=_name(unit, row.manager_id),
        adviser=_name(unit, row.adviser_id),
        preferred_channel=row.preferred_channel,
        quiet=(row.quiet_from, row.quiet_to) if row.quiet_from and row.quiet_to else None,
        occupation=row.occupation or "",
        region=row.region or "",
        opted_out_at=row.opted_out_at,
        tags=tags,
        agreed=frozenset(purpose for purpose, one in said.items() if one.granted),
    )


def _name(unit: Unit, staff_id: int | None) -> str | None:
    return unit.session.scalar(select(StaffRow.name).where(StaffRow.id == staff_id)) if staff_id else None
