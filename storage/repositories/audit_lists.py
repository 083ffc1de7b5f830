"""The audit trail as people read it: with filters, newest first, or all of a time for an export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from storage.models import AuditRow, StaffRow
from storage.repositories import client_keys
from storage.repositories.audit import opened
from storage.repositories.listing import beyond
from storage.unit import Unit

HOUSE = ("staff.", "calendar.", "integration.", "audit.")
"""Deeds on staff, settings, integrations and the trail itself."""


class Doer(StrEnum):
    """Whose deed it was."""

    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list: its time (from, and before), the staff number, the beginnings of the action and of the object.

    `by`: deeds of people only, or of the system by itself.
    """

    since: datetime | None = None
    until: datetime | None = None
    staff: str = ""
    action: str = ""
    object: str = ""
    house_only: bool = False
    by: Doer | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the audit trail; `place` and `seal` are None until it is sealed.

    `erased`: it told of a client whose key was destroyed, and nobody can read that any more.
    """

    id: int
    at: datetime
    number: str | None
    staff: str | None
    action: str
    object: str
    detail: dict[str, Any]
    reason: str | None
    place: int | None
    seal: bytes | None
    erased: bool = False


def page(unit: Unit, wanted: Wanted, before: int | None, limit: int) -> list[Line]:
    """The newest first, and one row more than `limit` where there are more; those before an entry."""
    at = _at(unit, before)
    if at is not None and (wanted.until is None or at < wanted.until):  # one bound, or SQLite may search by the other
        wanted = replace(wanted, until=at + timedelta.resolution)
    rest = beyond(AuditRow.at, AuditRow.id, (at, before) if at and before else None, backwards=True)
    newest = _chosen(wanted).where(*rest).order_by(AuditRow.at.desc(), AuditRow.id.desc())
    return _lines(unit, newest.limit(limit + 1))


def following(unit: Unit, wanted: Wanted, after: int, limit: int) -> list[Line]:
    """The oldest first, after an entry."""
    at = _at(unit, after)
    if at is not None and (wanted.since is None or at > wanted.since):
        wanted = replace(wanted, since=at)
    rest = beyond(AuditRow.at, AuditRow.id, (at, after) if at else None)
    return _lines(unit, _chosen(wanted).where(*rest).order_by(AuditRow.at, AuditRow.id).limit(limit))


def _at(unit: Unit, entry: int | None) -> datetime | None:
    """When an entry was written."""
    return unit.session.scalar(select(AuditRow.at).where(AuditRow.id == entry)) if entry else None


def of_client(unit: Unit, client_id: int, chosen: Sequence[ColumnElement[bool]], limit: int) -> list[Line]:
    """The newest entries about one client by their instant, of those that are chosen."""
    about = _chosen(Wanted()).where(AuditRow.object == f"client:{client_id}", *chosen)
    return _lines(unit, about.order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(limit))


def _chosen(wanted: Wanted) -> Select[AuditRow, str, str]:
    chosen = select(AuditRow, StaffRow.number, StaffRow.name).outerjoin(StaffRow, StaffRow.id == AuditRow.staff_id)
    return chosen.where(*_conditions(wanted))


def _conditions(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        found.append(AuditRow.at < wanted.until)
    if wanted.staff:
        found.append(StaffRow.number == wanted.staff)
    if wanted.by is not None:
        found.append(AuditRow.staff_id.is_(None) if wanted.by is Doer.SYSTEM else AuditRow.staff_id.is_not(None))
    if wanted.action:
        found.append(AuditRow.action.startswith(wanted.action, autoescape=True))
    if wanted.object:
        found.append(AuditRow.object.startswith(wanted.object, autoescape=True))
    if wanted.house_only:
        found.append(or_(*[AuditRow.action.startswith(each, autoescape=True) for each in HOUSE]))
    return found


def _lines(unit: Unit, statement: Select[AuditRow, str, str]) -> list[Line]:
    found = unit.session.execute(statement).all()
    keys = client_keys.held(unit, {row.client_id for row, _, _ in found if row.client_id and row.personal})
    return [_line(row, (number, name), keys) for row, number, name in found]


def _line(row: AuditRow, by: tuple[str, str], keys: Mapping[int, bytes]) -> Line:
    key = keys.get(row.client_id or 0)
    told = opened(key, row.client_id, row.personal) if key and row.client_id and row.personal else None
    return Line(
        id=row.id,
        at=row.at,
        number=by[0],
        staff=by[1],
        action=row.action,
        object=row.object,
        detail={**row.detail, **told.personal} if told else dict(row.detail),
        reason=told.reason if told else row.reason,
        place=row.place,
        seal=row.seal,
        erased=row.personal is not None and told is None,
    )
