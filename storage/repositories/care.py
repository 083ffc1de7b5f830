"""Who is to be greeted on a day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, extract, false, or_, select, true

from bot.vocabulary import AssetBand, Birthday, Gender, Locale
from storage.models import ClientRow, DeliveryRow, StaffRow
from storage.repositories.clients import NAME
from storage.repositories.fanout import Audience
from storage.unit import Unit

TEXT_FAMILIES = "care_"
"""With this the keys of all greetings begin."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What clients are looked for: their birthdays as recorded, the month and day they opened their account, or all.

    `among`: of these clients only.
    """

    birthdays: Sequence[Birthday]
    opened: Sequence[tuple[int, int]]
    everybody: bool
    among: Audience | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A client who may be greeted; the name is personal data, `manager` that of the member of staff."""

    id: int
    number: str
    name: str
    locale: Locale
    gender: Gender
    asset_band: AssetBand
    birthday: Birthday | None
    opened_on: date | None
    manager: str | None


_COLUMNS = (
    ClientRow.id,
    ClientRow.number,
    ClientRow.name_sealed,
    ClientRow.locale,
    ClientRow.gender,
    ClientRow.asset_band,
    ClientRow.birth_month,
    ClientRow.birth_day,
    ClientRow.birth_year,
    ClientRow.birth_lunar,
    ClientRow.birth_leap,
    ClientRow.opened_on,
    StaffRow.name.label("manager"),
)


def candidates(unit: Unit, occurrence: Occurrence, after: int, limit: int) -> list[Candidate]:
    """Clients by id, a chunk at a time: those after the id `after`."""
    statement = (
        select(*_COLUMNS)
        .outerjoin(StaffRow, StaffRow.id == ClientRow.manager_id)
        .where(ClientRow.id > after, ClientRow.gone.is_(None), _meant(occurrence), *_those(occurrence))
        .order_by(ClientRow.id)
        .limit(limit)
    )
    return [
        Candidate(
            id=row.id,
            number=row.number,
            name=unit.vault.open(NAME, row.name_sealed),
            locale=row.locale,
            gender=row.gender,
            asset_band=row.asset_band,
            birthday=_birthday(row),
            opened_on=row.opened_on,
            manager=row.manager,
        )
        for row in unit.session.execute(statement)
    ]


def _those(occurrence: Occurrence) -> Sequence[ColumnElement[bool]]:
    return () if occurrence.among is None else (ClientRow.id.in_(occurrence.among),)


def greeted(unit: Unit, client_ids: Collection[int], until: datetime) -> dict[int, str]:
    """Clients who have a greeting of the day that holds until this instant, with its key."""
    statement = select(DeliveryRow.client_id, DeliveryRow.key).where(
        DeliveryRow.client_id.in_(client_ids),
        DeliveryRow.expires_at == until,
        DeliveryRow.text_key.startswith(TEXT_FAMILIES, autoescape=True),
    )
    return {row.client_id: row.key for row in unit.session.execute(statement) if row.client_id is not None}


def _meant(occurrence: Occurrence) -> ColumnElement[bool]:
    if occurrence.everybody:
        return true()
    born = [_born(birthday) for birthday in occurrence.birthdays]
    opened = [
        and_(extract("month", ClientRow.opened_on) == month, extract("day", ClientRow.opened_on) == day)
        for month, day in occurrence.opened
    ]
    return or_(false(), *born, *opened)


def _born(birthday: Birthday) -> ColumnElement[bool]:
    return and_(
        ClientRow.birth_lunar.is_(birthday.lunar),
        ClientRow.birth_leap.is_(birthday.leap),
        ClientRow.birth_month == birthday.month,
        ClientRow.birth_day == birthday.day,
    )


def _birthday(row: Any) -> Birthday | None:
    if row.birth_month is None or row.birth_day is None:
        return None
    return Birthday(row.birth_month, row.birth_day, row.birth_year, lunar=row.birth_lunar, leap=row.birth_leap)
