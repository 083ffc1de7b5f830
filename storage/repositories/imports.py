"""Keeping how an import of a table went, and named mappings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.vocabulary import TableKind
from storage.models import ImportMappingRow, ImportRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.rejected + other.rejected,
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A named mapping for a kind of table: their column to the name of our field."""

    kind: TableKind
    name: str
    columns: Mapping[str, str]


def broken_off(unit: Unit, digest: bytes) -> int | None:
    """The id of the import of this file that began and did not end."""
    row = ImportRow
    found = select(row.id).where(row.digest == digest, row.ended_at.is_(None)).order_by(row.id.desc()).limit(1)
    return unit.session.scalars(found).one_or_none()


def begin(unit: Unit, kind: TableKind, digest: bytes, staff_id: int, now: datetime) -> int:
    """Note that an import begins; returns its id."""
    row = ImportRow(kind=kind, digest=digest, staff_id=staff_id, started_at=now)
    unit.session.add(row)
    unit.flush()
    return row.id


def advance(unit: Unit, import_id: int, line: int, counts: Counts) -> None:
    """Add what a batch did, in the batch's own transaction; one that was added before is not added again."""
    row = ImportRow
    sums = {
        "new": row.new + counts.new,
        "changed": row.changed + counts.changed,
        "unchanged": row.unchanged + counts.unchanged,
        "rejected": row.rejected + counts.rejected,
    }
    unit.session.execute(update(row).where(row.id == import_id, row.line < line).values(line=line, **sums))


def end(unit: Unit, import_id: int, now: datetime) -> Counts:
    """Close an import; returns what it did in all of its runs."""
    unit.session.execute(update(ImportRow).where(ImportRow.id == import_id).values(ended_at=now))
    row = unit.session.get_one(ImportRow, import_id)
    return Counts(row.new, row.changed, row.unchanged, row.rejected)


def mapping(unit: Unit, kind: TableKind, name: str) -> dict[str, str] | None:
    """The columns of a named mapping, if there is one."""
    row = unit.session.get(ImportMappingRow, (kind, name))
    return None if row is None else dict(row.columns)


def mappings(unit: Unit, kind: TableKind) -> list[str]:
    """The names of all mappings of a kind of table."""
    row = ImportMappingRow
    return list(unit.session.scalars(select(row.name).where(row.kind == kind).order_by(row.name)))


def keep_mapping(unit: Unit, kept: Kept, staff_id: int, now: datetime) -> None:
    """Keep a mapping, over one of the same name."""
    row = ImportMappingRow(kind=kept.kind, name=kept.name, columns=dict(kept.columns))
    row.staff_id, row.changed_at = staff_id, now
    unit.session.merge(row)
