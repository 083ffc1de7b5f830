"""Reading and writing the versions of the questionnaire."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.models import QuestionnaireRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it was imported; the one with the latest `used_from` is asked now."""

    version: str
    content: Mapping[str, Any]
    imported_by: str
    imported_at: datetime
    used_from: datetime


def add(unit: Unit, version: Version) -> None:
    """Store a version that is not there yet."""
    unit.session.add(
        QuestionnaireRow(
            version=version.version,
            content=dict(version.content),
            imported_by=version.imported_by,
            imported_at=version.imported_at,
            used_from=version.used_from,
        )
    )
    unit.flush()


def put_to_use(unit: Unit, version: str, now: datetime) -> None:
    """Ask this version from now on."""
    unit.session.get_one(QuestionnaireRow, version).used_from = now
    unit.flush()


def of(unit: Unit, version: str) -> Version | None:
    """One version, if it was imported."""
    row = unit.session.get(QuestionnaireRow, version)
    return None if row is None else _version(row)


def in_use(unit: Unit) -> Version | None:
    """The version that is asked now, if any was imported."""
    newest = select(QuestionnaireRow).order_by(QuestionnaireRow.used_from.desc(), QuestionnaireRow.imported_at.desc())
    row = unit.session.scalars(newest.limit(1)).one_or_none()
    return None if row is None else _version(row)


def all_of(unit: Unit) -> list[Version]:
    """Every version, the one in use first."""
    rows = unit.session.scalars(
        select(QuestionnaireRow).order_by(QuestionnaireRow.used_from.desc(), QuestionnaireRow.imported_at.desc())
    )
    return [_version(row) for row in rows]


def _version(row: QuestionnaireRow) -> Version:
    return Version(row.version, row.content, row.imported_by, row.imported_at, row.used_from)
