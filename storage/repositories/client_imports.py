"""Keeping how an import of clients went, and named mappings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from storage.models import ClientImportRow, ClientMappingRow
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


def broken_off(unit: Unit, digest: bytes) -> int | None:
    """The id of the import of this file that began and did not end."""
    row = ClientImportRow
    found = select(row.id).where(row.digest == digest, row.ended_at.is_(None)).order_by(row.id.desc()).limit(1)
    return unit.session.scalars(found).one_or_none()


def begin(unit: Unit, digest: bytes, staff_id: int, now: datetime) -> int:
    """Note that an import begins; returns its id."""
    row = ClientImportRow(digest=digest, staff_id=staff_id, started_at=now)
    unit.session.add(row)
    unit.flush()
    return row.id


def advance(unit: Unit, import_id: int, line: int, counts: Counts) -> None:
    """Add what a batch did, in the batch's own transaction; one that was added before is not added again."""
    row = ClientImportRow
    sums = {
        "new": row.new + counts.new,
        "changed": row.changed + counts.changed,
        "unchanged": row.unchanged + counts.unchanged,
        "rejected": row.rejected + counts.rejected,
    }
    unit.session.execute(update(row).where(row.id == import_id, row.line < line).values(line=line, **sums))


def end(unit: Unit, import_id: int, now: datetime) -> Counts:
    """Close an import; returns what it did in all of its runs."""
    unit.session.execute(update(ClientImportRow).where(ClientImportRow.id == import_id).values(ended_at=now))
    row = unit.session.get_one(ClientImportRow, import_id)
    return Counts(row.new, row.changed, row.unchanged, row.rejected)


def mapping(unit: Unit, name: str) -> dict[str, str] | None:
    """The columns of a named mapping, if there is one."""
    row = unit.session.get(ClientMappingRow, name)
    return None if row is None else dict(row.columns)


def mappings(unit: Unit) -> list[str]:
    """The names of all mappings."""
    return list(unit.session.scalars(select(ClientMappingRow.name).order_by(ClientMappingRow.name)))


def keep_mapping(unit: Unit, name: str, columns: Mapping[str, str], staff_id: int, now: datetime) -> None:
    """Keep a mapping, over one of the same name."""
    values = {"columns": dict(columns), "staff_id": staff_id, "changed_at": now}
    if unit.session.get(ClientMappingRow, name) is None:
        unit.session.execute(insert(ClientMappingRow).values(name=name, **values))
    else:
        unit.session.execute(update(ClientMappingRow).where(ClientMappingRow.name == name).values(**values))
