"""Reading and writing named segments; every change of one is a compare-and-set on its version."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Text, cast, delete, func, insert, literal, or_, select, update

from bot.vocabulary.conditions import mentioned
from storage.models import (
    BroadcastRow,
    ClientRow,
    SegmentCountRow,
    SegmentMemberRow,
    SegmentRow,
    SegmentVersionRow,
    StaffRow,
)
from storage.repositories.listing import Whose, kept_by
from storage.unit import Unit

CHUNK = 500
"""Numbers looked up at a time."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a segment is: its name, a remark, and its condition's document; None for a fixed list."""

    name: str
    note: str = ""
    condition: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment as it stands; `author` is a name, None for a packaged one."""

    id: int
    meaning: Meaning
    version: int
    packaged: bool
    author_id: int | None
    author: str | None
    updated_at: datetime

    @property
    def name(self) -> str:
        """How staff call it."""
        return self.meaning.name


@dataclass(frozen=True, slots=True)
class Version:
    """What a segment meant once; `members` is known of fixed lists."""

    version: int
    name: str
    condition: Mapping[str, Any] | None
    members: int | None
    author: str | None
    at: datetime


_SELECT: Select[*tuple[Any, ...]] = select(SegmentRow, StaffRow.name.label("author")).outerjoin(
    StaffRow, StaffRow.id == SegmentRow.author_id
)


def all_of(unit: Unit) -> list[Segment]:
    """Every segment: packaged ones first, then in the order in which they were made."""
    rows = unit.session.execute(_SELECT.order_by(SegmentRow.packaged.desc(), SegmentRow.id))
    return [_segment(row) for row in rows]


def by_id(unit: Unit, segment_id: int) -> Segment | None:
    """The segment."""
    return _one(unit, _SELECT.where(SegmentRow.id == segment_id))


def by_name(unit: Unit, name: str) -> Segment | None:
    """The segment that is called so."""
    return _one(unit, _SELECT.where(SegmentRow.name == name))


def add(unit: Unit, meaning: Meaning, author_id: int | None, now: datetime, *, packaged: bool = False) -> int:
    """Keep a new segment."""
    values = {"version": 1, "packaged": packaged, "author_id": author_id, "created_at": now, "updated_at": now}
    made = unit.session.execute(insert(SegmentRow).values(**_columns(meaning), **values).returning(SegmentRow.id))
    segment_id = made.scalar_one()
    _note_version(unit, segment_id, author_id, now)
    return segment_id


def revise(unit: Unit, found: Segment, meaning: Meaning, author_id: int | None, now: datetime) -> bool:
    """Give it another meaning; False where somebody else was faster. Its author stays who made it."""
    statement = (
        update(SegmentRow)
        .where(SegmentRow.id == found.id, SegmentRow.version == found.version)
        .values(**_columns(meaning), version=found.version + 1, updated_at=now)
        .returning(SegmentRow.id)
        .execution_options(synchronize_session=False)
    )
    if unit.session.execute(statement).first() is None:
        return False
    _note_version(unit, found.id, author_id, now)
    return True


def remove(unit: Unit, segment_id: int) -> None:
    """Forget a segment with its members, versions and counts."""
    for model in (SegmentCountRow, SegmentMemberRow, SegmentVersionRow):
        unit.session.execute(delete(model).where(model.segment_id == segment_id))
    unit.session.execute(delete(SegmentRow).where(SegmentRow.id == segment_id))


def versions(unit: Unit, segment_id: int) -> list[Version]:
    """What it meant, the latest first."""
    row = SegmentVersionRow
    statement = select(row, StaffRow.name).outerjoin(StaffRow, StaffRow.id == row.author_id)
    found = unit.session.execute(statement.where(row.segment_id == segment_id).order_by(row.version.desc()))
    return [Version(one.version, one.name, one.condition, one.members, author, one.at) for one, author in found]


def fill(unit: Unit, segment_id: int, numbers: Sequence[str], whose: Whose) -> list[str]:
    """Make these clients the members of a fixed list; gives the numbers that nobody has.

    With `whose`, a client of somebody else counts as nobody.
    """
    unit.session.execute(delete(SegmentMemberRow).where(SegmentMemberRow.segment_id == segment_id))
    missing: list[str] = []
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        known = numbered(unit, part, whose)
        missing += [number for number in part if number not in known]
        members = [{"segment_id": segment_id, "client_id": client_id} for client_id in known.values()]
        if members:
            unit.session.execute(insert(SegmentMemberRow), members)
    return missing


def numbered(unit: Unit, numbers: Sequence[str], whose: Whose) -> dict[str, int]:
    """The clients of these numbers; with `whose`, theirs only."""
    statement = select(ClientRow.number, ClientRow.id).where(ClientRow.number.in_(numbers), ClientRow.gone.is_(None))
    statement = statement.where(*kept_by(whose))
    return {row.number: row.id for row in unit.session.execute(statement)}


def on_list(unit: Unit, segment_id: int, client_ids: Collection[int]) -> set[int]:
    """Those of these clients who stand on a fixed list."""
    row = SegmentMemberRow
    return set(
        unit.session.scalars(select(row.client_id).where(row.segment_id == segment_id, row.client_id.in_(client_ids)))
    )


def all_on(unit: Unit, segment_id: int) -> Iterator[int]:
    """Everybody who stands on a fixed list."""
    wanted = select(SegmentMemberRow.client_id).where(SegmentMemberRow.segment_id == segment_id)
    return iter(unit.session.scalars(wanted.order_by(SegmentMemberRow.client_id)))


def put_on(unit: Unit, segment_id: int, client_ids: Collection[int]) -> None:
    """Put clients on a fixed list."""
    members = [{"segment_id": segment_id, "client_id": client_id} for client_id in client_ids]
    unit.session.execute(insert(SegmentMemberRow), members)


def take_off(unit: Unit, segment_id: int, client_ids: Sequence[int]) -> int:
    """Take clients off a fixed list; how many."""
    row = SegmentMemberRow
    for start in range(0, len(client_ids), CHUNK):
        part = client_ids[start : start + CHUNK]
        unit.session.execute(delete(row).where(row.segment_id == segment_id, row.client_id.in_(part)))
    return len(client_ids)


def size(unit: Unit, segment_id: int) -> int:
    """How many clients stand on a fixed list."""
    counted = select(func.count()).where(SegmentMemberRow.segment_id == segment_id)
    return unit.session.scalars(counted).one()


@dataclass(frozen=True, slots=True)
class Use:
    """A broadcast that went or is to go to a segment: who wrote it, and when it began, if it did."""

    number: int
    name: str
    author: str
    at: datetime
    started_at: datetime | None


def broadcasts_using(unit: Unit, name: str, limit: int = 50) -> list[Use]:
    """The broadcasts that were written for it or name it in their conditions, the latest first."""
    row = BroadcastRow
    naming = cast(row.condition, Text).contains('"segment"')
    columns = (row.id, row.name, row.segment, row.condition, row.created_at, row.started_at)
    statement = select(*columns, StaffRow.name.label("author")).join(StaffRow, StaffRow.id == row.author_id)
    statement = statement.where(or_(row.segment == name, naming))
    found = unit.session.execute(statement.order_by(row.id.desc()))
    used = [one for one in found if name == one.segment or name in mentioned(one.condition)]
    return [Use(one.id, one.name, one.author, one.created_at, one.started_at) for one in used[:limit]]


def _note_version(unit: Unit, segment_id: int, author_id: int | None, now: datetime) -> None:
    """Keep what it means now, with the number of its members where it is a list."""
    row, own = SegmentVersionRow, SegmentRow
    members = select(func.count()).where(SegmentMemberRow.segment_id == own.id).scalar_subquery()
    source = select(
        own.id,
        own.version,
        own.name,
        own.condition,
        members,
        literal(author_id, row.author_id.type),
        literal(now, row.at.type),
    ).where(own.id == segment_id)
    names = ["segment_id", "version", "name", "condition", "members", "author_id", "at"]
    unit.session.execute(insert(row).from_select(names, source))


def _columns(meaning: Meaning) -> dict[str, Any]:
    condition = None if meaning.condition is None else dict(meaning.condition)
    return {"name": meaning.name, "note": meaning.note, "condition": condition}


def _one(unit: Unit, statement: Select[*tuple[Any, ...]]) -> Segment | None:
    row = unit.session.execute(statement.execution_options(populate_existing=True)).one_or_none()
    return None if row is None else _segment(row)


def _segment(row: Row[*tuple[Any, ...]]) -> Segment:
    one: SegmentRow = row.SegmentRow
    meaning = Meaning(one.name, one.note, one.condition)
    return Segment(one.id, meaning, one.version, one.packaged, one.author_id, row.author, one.updated_at)
