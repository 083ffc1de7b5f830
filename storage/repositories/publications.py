"""Reading and writing the publications of the knowledge base, and the questions asked at each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select

from storage.models import PublicationRow, RegressionRow, StaffRow
from storage.repositories.editions import Person
from storage.unit import Unit
from storage.upserts import insertion

LONGEST_QUESTION = 300


@dataclass(frozen=True, slots=True)
class Change:
    """One entry in a publication; `version` is None where it was taken away."""

    entry_id: str
    version: int | None


@dataclass(frozen=True, slots=True)
class Worse:
    """A question that came out worse; the grades are those of `services.knowledge.regression`."""

    question: str
    expected: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Publication:
    """What clients are answered from since an instant; `staff` is None where it came with the product.

    The figures are shares by their names, None where nothing was asked. `thresholds`: None unless this publication
    brought others.
    """

    version: int
    at: datetime
    staff: Person | None
    entries: int
    changes: tuple[Change, ...]
    before: Mapping[str, float] | None = None
    after: Mapping[str, float] | None = None
    worse: tuple[Worse, ...] = ()
    reason: str | None = None
    thresholds: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RegressionQuestion:
    """A question asked at every publication; `by` is None where it came with the product."""

    id: int
    question: str
    expected: tuple[str, ...]
    by: Person | None
    at: datetime


_PUBLICATION: Select[*tuple[Any, ...]] = select(PublicationRow, StaffRow.id, StaffRow.number, StaffRow.name).outerjoin(
    StaffRow, StaffRow.id == PublicationRow.staff_id
)
_REGRESSION: Select[*tuple[Any, ...]] = select(RegressionRow, StaffRow.id, StaffRow.number, StaffRow.name).outerjoin(
    StaffRow, StaffRow.id == RegressionRow.staff_id
)


def latest_version(unit: Unit) -> int:
    """The number of the newest publication; 0 where there is none."""
    return unit.session.scalar(select(func.max(PublicationRow.version))) or 0


def add(unit: Unit, publication: Publication) -> None:
    """Write it down; an IntegrityError where its number is taken."""
    values = {name: getattr(publication, name) for name in ("version", "at", "entries", "reason", "thresholds")}
    values |= {"before": _plain(publication.before), "after": _plain(publication.after)}
    values["staff_id"] = publication.staff.id if publication.staff else None
    values["changes"] = [[change.entry_id, change.version] for change in publication.changes]
    values["worse"] = [[one.question, list(one.expected), one.before, one.after] for one in publication.worse]
    unit.session.execute(insert(PublicationRow).values(values))


def listed(unit: Unit, limit: int = 50) -> list[Publication]:
    """The newest ones, the newest first."""
    rows = unit.session.execute(_PUBLICATION.order_by(PublicationRow.version.desc()).limit(limit))
    return [_publication(row) for row in rows]


def by_version(unit: Unit, version: int) -> Publication | None:
    """One of them."""
    row = unit.session.execute(_PUBLICATION.where(PublicationRow.version == version)).one_or_none()
    return None if row is None else _publication(row)


def thresholds(unit: Unit) -> Mapping[str, Any] | None:
    """Those that the branch fitted last; None where it never did."""
    fitted = select(PublicationRow.thresholds).where(PublicationRow.thresholds.is_not(None))
    found: Mapping[str, Any] | None = unit.session.scalar(fitted.order_by(PublicationRow.version.desc()).limit(1))
    return found


def questions(unit: Unit) -> list[RegressionQuestion]:
    """Every question of the regression set, the oldest first."""
    return [_question(row) for row in unit.session.execute(_REGRESSION.order_by(RegressionRow.id))]


def ask(unit: Unit, asked: Mapping[str, Sequence[str]], staff_id: int | None, now: datetime) -> int:
    """Add questions with what is right for each; those known already are left alone. Returns how many are new."""
    rows = [
        {"question": question, "expected": list(expected), "staff_id": staff_id, "at": now}
        for question, expected in asked.items()
    ]
    if not rows:
        return 0
    new = insertion(unit, RegressionRow).on_conflict_do_nothing().returning(RegressionRow.id)
    return len(unit.session.scalars(new, rows).all())


def ask_no_more(unit: Unit, question_id: int) -> str | None:
    """Take a question out; returns its words, None where it is not there."""
    gone = delete(RegressionRow).where(RegressionRow.id == question_id).returning(RegressionRow.question)
    return unit.session.scalars(gone).one_or_none()


def ask_no_more_of(unit: Unit, staff_id: int, at: datetime) -> None:
    """Take out the questions that somebody added at an instant."""
    unit.session.execute(delete(RegressionRow).where(RegressionRow.staff_id == staff_id, RegressionRow.at == at))


def _plain(figures: Mapping[str, float] | None) -> dict[str, float] | None:
    return None if figures is None else dict(figures)


def _publication(found: Row[*tuple[Any, ...]]) -> Publication:
    row, *person = found
    return Publication(
        version=row.version,
        at=row.at,
        staff=_person(person),
        entries=row.entries,
        changes=tuple(Change(entry_id, version) for entry_id, version in row.changes),
        before=row.before,
        after=row.after,
        worse=tuple(Worse(question, tuple(expected), *grades) for question, expected, *grades in row.worse),
        reason=row.reason,
        thresholds=row.thresholds,
    )


def _question(found: Row[*tuple[Any, ...]]) -> RegressionQuestion:
    row, *person = found
    return RegressionQuestion(row.id, row.question, tuple(row.expected), _person(person), row.at)


def _person(columns: Sequence[Any]) -> Person | None:
    number, sign_in, name = columns
    return None if number is None else Person(number, sign_in, name)
