"""Keeping tables that staff sent in on the console, and how far they have come."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import Select, and_, delete, func, or_, select, update

from bot.vocabulary import Extent, Locale, TableKind, UploadState
from storage.models import ImportFileRow, ImportRow, StaffRow
from storage.repositories.imports import Counts
from storage.unit import Unit

ABOUT = "import_files.about"
WORKED_ON = (UploadState.CHECKING, UploadState.TAKING)


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself, and the language of whoever sent it in; it may be personal."""

    name: str
    heading: tuple[str, ...]
    locale: Locale


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be kept; its bytes go to the store under `key`."""

    kind: TableKind
    staff_id: int
    about: About
    key: str
    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: which column is which field, and of whom it tells everything."""

    columns: Mapping[str, str]
    extent: Extent | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that is wrong with a row, without anything of what the row says."""

    line: int
    field: str
    fault: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file could not be read or taken: the key of a text and its parameters."""

    key: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of working on a file."""

    counts: Counts = field(default_factory=Counts)
    faults: Sequence[Told] = ()
    refusal: Refusal | None = None
    rejected_key: str | None = None
    import_id: int | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file as it stands; `by` is who sent it in, or had it tried or taken last."""

    id: int
    kind: TableKind
    state: UploadState
    staff_id: int
    by: str
    about: About
    key: str | None
    size: int
    rows: int
    columns: Mapping[str, str]
    extent: Extent | None
    outcome: Outcome
    uploaded_at: datetime
    changed_at: datetime

    @property
    def worked_on(self) -> bool:
        """Whether somebody works on it, or will soon."""
        return self.state in WORKED_ON


@dataclass(frozen=True, slots=True)
class Run:
    """An import as it went, by page or command; `file_id` leads to its bad rows while they are kept."""

    id: int
    kind: TableKind
    by: str
    started_at: datetime
    ended_at: datetime | None
    counts: Counts
    file_id: int | None


def add(unit: Unit, new: NewFile, now: datetime) -> int:
    """Keep a file; returns its id."""
    row = ImportFileRow(
        kind=new.kind,
        state=UploadState.UPLOADED,
        staff_id=new.staff_id,
        about_sealed=unit.vault.seal(ABOUT, json.dumps(asdict(new.about))),
        key=new.key,
        size=new.size,
        rows=new.rows,
        columns={},
        done={},
        faults=[],
        uploaded_at=now,
        changed_at=now,
    )
    unit.session.add(row)
    unit.flush()
    return row.id


def one(unit: Unit, file_id: int) -> ImportFile | None:
    """A file by its id."""
    row = unit.session.execute(_files().where(ImportFileRow.id == file_id)).one_or_none()
    return None if row is None else _file(unit, row[0], row[1])


def unfinished(unit: Unit) -> list[ImportFile]:
    """Those that were not taken, the newest first."""
    wanted = _files().where(ImportFileRow.state != UploadState.TAKEN).order_by(ImportFileRow.id.desc())
    return [_file(unit, row, by) for row, by in unit.session.execute(wanted)]


def runs(unit: Unit, before: int | None, limit: int) -> list[Run]:
    """Imports by page or command, the newest first, before the one of an id."""
    wanted = (
        select(ImportRow, StaffRow.name, ImportFileRow.id)
        .join(StaffRow, StaffRow.id == ImportRow.staff_id)
        .outerjoin(ImportFileRow, ImportFileRow.import_id == ImportRow.id)
        .order_by(ImportRow.id.desc(), ImportFileRow.id.desc())
        .limit(limit)
    )
    wanted = wanted if before is None else wanted.where(ImportRow.id < before)
    return [_run(*row) for row in unit.session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with a file, on whose word: to try it or to take it, read how."""

    state: UploadState
    reading: Reading
    staff_id: int
    at: datetime


def begin(unit: Unit, seen: ImportFile, order: Order) -> bool:
    """Give a file to whoever works; False where it is no longer as it was seen."""
    row = ImportFileRow
    wanted = update(row).where(row.id == seen.id, row.state == seen.state, row.changed_at == seen.changed_at)
    values = {"state": order.state, "columns": dict(order.reading.columns), "extent": order.reading.extent}
    cleared = {"done": asdict(Counts()), "refusal": None, "held_until": None}
    mark = {"staff_id": order.staff_id, "changed_at": order.at}
    unit.announce("import", seen.id)
    return unit.connection.execute(wanted.values({**values, **cleared, **mark})).rowcount == 1


def is_due(unit: Unit, now: datetime) -> bool:
    """Whether there is anything to work on."""
    return unit.session.scalars(_due(now)).first() is not None


def claim(unit: Unit, now: datetime, until: datetime) -> ImportFile | None:
    """The one that waits longest, kept from others until an instant."""
    due = _due(now).with_for_update(skip_locked=True)
    file_id = unit.session.scalars(due).one_or_none()
    if file_id is None:
        return None
    hold(unit, file_id, until)
    return one(unit, file_id)


def hold(unit: Unit, file_id: int, until: datetime) -> None:
    """Keep it from others until an instant."""
    unit.session.execute(update(ImportFileRow).where(ImportFileRow.id == file_id).values(held_until=until))


def advance(unit: Unit, file_id: int, counts: Counts, until: datetime) -> None:
    """Note how far it has come, and hold it on."""
    row = ImportFileRow
    unit.session.execute(update(row).where(row.id == file_id).values(done=asdict(counts), held_until=until))


def settle(unit: Unit, seen: ImportFile, state: UploadState, outcome: Outcome, now: datetime) -> None:
    """Nobody works on it any more."""
    values = {
        "state": state,
        "done": asdict(outcome.counts),
        "faults": [[told.line, told.field, told.fault] for told in outcome.faults],
        "refusal": None if outcome.refusal is None else asdict(outcome.refusal),
        "rejected_key": outcome.rejected_key,
        "import_id": outcome.import_id,
        "missing": outcome.missing,
        "changed_at": now,
        "held_until": None,
    }
    if state is UploadState.TAKEN:
        values["key"] = None
    unit.session.execute(update(ImportFileRow).where(ImportFileRow.id == seen.id).values(values))


def past(unit: Unit, unfinished_before: datetime, taken_before: datetime) -> list[ImportFile]:
    """Those that nobody took up again for so long, and those taken so long ago; none that is worked on."""
    row = ImportFileRow
    left = and_(row.state.not_in((*WORKED_ON, UploadState.TAKEN)), row.changed_at < unfinished_before)
    over = or_(left, and_(row.state == UploadState.TAKEN, row.changed_at < taken_before))
    return [_file(unit, found, by) for found, by in unit.session.execute(_files().where(over).order_by(row.id))]


def remove(unit: Unit, file_ids: Collection[int]) -> None:
    """Forget files; their bytes are gone from the store."""
    unit.session.execute(delete(ImportFileRow).where(ImportFileRow.id.in_(file_ids)))


def count(unit: Unit) -> int:
    """How many are kept that were not taken."""
    row = ImportFileRow
    return unit.session.scalar(select(func.count()).where(row.state != UploadState.TAKEN)) or 0


def _due(now: datetime) -> Select[int]:
    row = ImportFileRow
    free = or_(row.held_until.is_(None), row.held_until <= now)
    return select(row.id).where(row.state.in_(WORKED_ON), free).order_by(row.changed_at, row.id).limit(1)


def _files() -> Select[ImportFileRow, str]:
    return select(ImportFileRow, StaffRow.name).join(StaffRow, StaffRow.id == ImportFileRow.staff_id)


def _file(unit: Unit, row: ImportFileRow, by: str) -> ImportFile:
    about = json.loads(unit.vault.open(ABOUT, row.about_sealed))
    told = Outcome(
        counts=Counts(**row.done),
        faults=[Told(*each) for each in row.faults],
        refusal=None if row.refusal is None else Refusal(**row.refusal),
        rejected_key=row.rejected_key,
        import_id=row.import_id,
        missing=row.missing,
    )
    return ImportFile(
        id=row.id,
        kind=row.kind,
        state=row.state,
        staff_id=row.staff_id,
        by=by,
        about=About(about["name"], tuple(about["heading"]), Locale(about["locale"])),
        key=row.key,
        size=row.size,
        rows=row.rows,
        columns=row.columns,
        extent=row.extent,
        outcome=told,
        uploaded_at=row.uploaded_at,
        changed_at=row.changed_at,
    )


def _run(row: ImportRow, by: str, file_id: int | None) -> Run:
    counts = Counts(row.new, row.changed, row.unchanged, row.rejected)
    return Run(row.id, row.kind, by, row.started_at, row.ended_at, counts, file_id)
