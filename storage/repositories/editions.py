"""Reading and writing the versions of entries; every change is a compare-and-set."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.orm import aliased

from bot.vocabulary.knowledge import EditionState
from storage.models import EditionRow, StaffRow
from storage.unit import Unit
from storage.upserts import insertion


@dataclass(frozen=True, slots=True)
class Content:
    """What an entry says and how it is asked, field by field as staff write it, compare it and exchange it in files.

    `not_about` holds questions that belong to neighbours. `risk_notice`: None leaves it to the category whether the
    standard notice stands below the answer. `date_check`: the answer states what changes with time, so that somebody
    must look at it again on `review_on`.
    """

    category: str
    question: str
    answer: str
    phrasings: tuple[str, ...] = ()
    question_en: str = ""
    answer_en: str = ""
    phrasings_en: tuple[str, ...] = ()
    not_about: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    date_check: bool = False
    review_on: date | None = None
    risk_notice: bool | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something."""

    id: int
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of an entry; without an author it came with the product.

    `place` is where its entry stands among all: by the entry's first version. Training takes them in this order, so
    that a new version moves no other entry.
    """

    id: int
    place: int
    entry_id: str
    version: int
    state: EditionState
    revision: int
    content: Content
    author: Person | None
    writers: frozenset[int]
    reviewer: Person | None
    approver: Person | None
    created_at: datetime
    edited_at: datetime
    reviewed_at: datetime | None
    published_at: datetime | None
    ended_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """An edition as somebody has seen it: nothing is done to it once it has another revision."""

    id: int
    revision: int


_COLUMNS = frozenset({"category", "date_check", "review_on"})
_LISTS = frozenset({"phrasings", "phrasings_en", "not_about", "related"})
_DOCUMENT = tuple(field.name for field in fields(Content) if field.name not in _COLUMNS)
_AUTHOR, _REVIEWER, _APPROVER = aliased(StaffRow), aliased(StaffRow), aliased(StaffRow)
_FIRST = select(EditionRow.entry_id, func.min(EditionRow.id).label("place")).group_by(EditionRow.entry_id).subquery()
_SELECT: Select[*tuple[Any, ...]] = (
    select(
        EditionRow,
        _FIRST.c.place,
        *(column for who in (_AUTHOR, _REVIEWER, _APPROVER) for column in (who.id, who.number, who.name)),
    )
    .join(_FIRST, _FIRST.c.entry_id == EditionRow.entry_id)
    .outerjoin(_AUTHOR, _AUTHOR.id == EditionRow.author_id)
    .outerjoin(_REVIEWER, _REVIEWER.id == EditionRow.reviewer_id)
    .outerjoin(_APPROVER, _APPROVER.id == EditionRow.approver_id)
)


def begin(unit: Unit, entry_id: str, content: Content, author_id: int, now: datetime) -> int | None:
    """A new version as a draft; None where one is being worked on already."""
    values = _values(content) | {
        "entry_id": entry_id,
        "version": _latest(unit, [entry_id]).get(entry_id, 0) + 1,
        "state": EditionState.DRAFT,
        "author_id": author_id,
        "writers": [author_id],
        "created_at": now,
        "edited_at": now,
    }
    draft = insertion(unit, EditionRow).values(revision=1, **values).on_conflict_do_nothing()
    return unit.session.scalars(draft.returning(EditionRow.id)).one_or_none()


def bring(unit: Unit, contents: Mapping[str, Content], now: datetime) -> dict[str, int]:
    """New versions that came with the product, published at once; returns their numbers by entry."""
    latest = _latest(unit, contents)
    versions = {entry_id: latest.get(entry_id, 0) + 1 for entry_id in contents}
    same = {"state": EditionState.PUBLISHED, "revision": 1, "writers": [], "created_at": now, "edited_at": now}
    rows = [
        _values(content) | same | {"entry_id": entry_id, "version": versions[entry_id], "published_at": now}
        for entry_id, content in contents.items()
    ]
    if rows:
        unit.session.execute(insert(EditionRow), rows)
    return versions


def by_id(unit: Unit, edition_id: int) -> Edition | None:
    """The edition."""
    return next(iter(_found(unit, _SELECT.where(EditionRow.id == edition_id))), None)


def by_ids(unit: Unit, edition_ids: Collection[int]) -> list[Edition]:
    """Those of the editions that are there."""
    return _found(unit, _SELECT.where(EditionRow.id.in_(edition_ids)).order_by(EditionRow.id))


def history(unit: Unit, entry_id: str) -> list[Edition]:
    """Every version of an entry, the latest first."""
    return _found(unit, _SELECT.where(EditionRow.entry_id == entry_id).order_by(EditionRow.version.desc()))


def in_states(unit: Unit, states: Collection[EditionState]) -> list[Edition]:
    """Every edition in one of these states, by place."""
    named = _SELECT.where(EditionRow.state.in_([state.value for state in states]))
    return _found(unit, named.order_by(_FIRST.c.place, EditionRow.version))


def due(unit: Unit, today: date) -> list[Edition]:
    """What is published and was to be looked at again by that day, the longest due first."""
    published = _SELECT.where(EditionRow.state == EditionState.PUBLISHED, EditionRow.review_on <= today)
    return _found(unit, published.order_by(EditionRow.review_on, _FIRST.c.place))


def revise(unit: Unit, seen: Seen, content: Content, writers: Iterable[int], now: datetime) -> bool:
    """Other content in an open edition, which is a draft from then on; False where it is not as it was seen."""
    cleared = {"reviewer_id": None, "reviewed_at": None, "writers": sorted(writers), "edited_at": now}
    open_states = (EditionState.DRAFT, EditionState.REVIEWED)
    return move(unit, seen, open_states, EditionState.DRAFT, **_values(content), **cleared)


def move(unit: Unit, seen: Seen, sources: Collection[EditionState], target: EditionState, **values: Any) -> bool:
    """Compare-and-set of the state with what belongs to it; False where it is not as it was seen."""
    statement = (
        update(EditionRow)
        .where(EditionRow.id == seen.id, EditionRow.revision == seen.revision)
        .where(EditionRow.state.in_([state.value for state in sources]))
        .values(state=target, revision=EditionRow.revision + 1, **values)
        .returning(EditionRow.id)
        .execution_options(synchronize_session=False)
    )
    moved = unit.session.execute(statement).first() is not None
    if moved:
        unit.announce("edition", seen.id)
    return moved


@dataclass(frozen=True, slots=True)
class End:
    """How published editions end: replaced or retired, when, and why."""

    state: EditionState
    at: datetime
    note: str | None = None


def end_published(unit: Unit, entry_ids: Collection[str], end: End) -> None:
    """What is published of these entries is no longer."""
    published = EditionRow.state == EditionState.PUBLISHED
    statement = update(EditionRow).where(EditionRow.entry_id.in_(entry_ids), published)
    ended = statement.values(state=end.state, ended_at=end.at, note=end.note, revision=EditionRow.revision + 1)
    unit.session.execute(ended.execution_options(synchronize_session=False))


def look_again(unit: Unit, seen: Seen, review_on: date) -> bool:
    """Another day on which a published edition is to be looked at; False where it is not as it was seen."""
    return move(unit, seen, (EditionState.PUBLISHED,), EditionState.PUBLISHED, review_on=review_on)


def _latest(unit: Unit, entry_ids: Collection[str]) -> dict[str, int]:
    newest = select(EditionRow.entry_id, func.max(EditionRow.version)).where(EditionRow.entry_id.in_(entry_ids))
    return {row[0]: row[1] for row in unit.session.execute(newest.group_by(EditionRow.entry_id))}


def _found(unit: Unit, statement: Select[*tuple[Any, ...]]) -> list[Edition]:
    rows = unit.session.execute(statement.execution_options(populate_existing=True))
    return [_edition(row) for row in rows]


def _values(content: Content) -> dict[str, Any]:
    document = {name: getattr(content, name) for name in _DOCUMENT}
    document |= {name: list(document[name]) for name in _LISTS}
    return {name: getattr(content, name) for name in _COLUMNS} | {"content": document}


def _content(row: EditionRow) -> Content:
    document: dict[str, Any] = {name: tuple(value) if name in _LISTS else value for name, value in row.content.items()}
    return Content(category=row.category, date_check=row.date_check, review_on=row.review_on, **document)


def _edition(found: Row[*tuple[Any, ...]]) -> Edition:
    row, place, *people = found
    author, reviewer, approver = (_person(people[start : start + 3]) for start in (0, 3, 6))
    return Edition(
        id=row.id,
        place=place,
        entry_id=row.entry_id,
        version=row.version,
        state=row.state,
        revision=row.revision,
        content=_content(row),
        author=author,
        writers=frozenset(row.writers),
        reviewer=reviewer,
        approver=approver,
        created_at=row.created_at,
        edited_at=row.edited_at,
        reviewed_at=row.reviewed_at,
        published_at=row.published_at,
        ended_at=row.ended_at,
        note=row.note,
    )


def _person(columns: Sequence[Any]) -> Person | None:
    number, sign_in, name = columns
    return None if number is None else Person(number, sign_in, name)
