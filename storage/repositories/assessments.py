"""Reading and writing what clients answered, and the result that holds."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Exists, exists, func, select, update
from sqlalchemy.orm import aliased

from bot.vocabulary import AnsweredBy, AssessmentState, ClientKind, ClientState, RiskLevel
from storage.models import AssessmentRow, ClientRow
from storage.unit import Unit

ANSWERS = "assessments.answers"
"""Place under which answers are sealed."""

OPEN = (AssessmentState.RUNNING, AssessmentState.PROPOSED)


@dataclass(frozen=True, slots=True)
class Assessment:
    """One client's answers to one version; `checks` names those that fired, `id` 0 one that is not stored yet.

    `score`, `level` and `valid_until` are None until every question is answered.
    """

    id: int
    client_id: int
    version: str
    state: AssessmentState
    channel: str
    started_at: datetime
    touched_at: datetime
    staff_id: int | None = None
    answered_by: AnsweredBy = AnsweredBy.CLIENT
    answers: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    records: Mapping[str, str] = field(default_factory=dict)
    score: int | None = None
    level: RiskLevel | None = None
    valid_until: date | None = None
    settled_by: int | None = None
    scored_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A client whose assessment ends on a day that they are told of."""

    client_id: int
    valid_until: date


def add(unit: Unit, new: Assessment) -> int:
    """Begin an assessment; returns its id."""
    row = AssessmentRow(
        client_id=new.client_id,
        version=new.version,
        state=new.state,
        channel=new.channel,
        staff_id=new.staff_id,
        answered_by=new.answered_by,
        answers_sealed=_sealed(unit, new.answers),
        started_at=new.started_at,
        touched_at=new.touched_at,
    )
    unit.session.add(row)
    unit.flush()
    return row.id


def save(unit: Unit, one: Assessment) -> None:
    """Write what has become of an assessment."""
    values = {
        "state": one.state,
        "answers_sealed": _sealed(unit, one.answers),
        "checks": list(one.checks),
        "records": dict(one.records),
        "score": one.score,
        "level": one.level,
        "valid_until": one.valid_until,
        "settled_by": one.settled_by,
        "touched_at": one.touched_at,
        "scored_at": one.scored_at,
        "ended_at": one.ended_at,
    }
    unit.session.execute(update(AssessmentRow).where(AssessmentRow.id == one.id).values(values))


def claim(unit: Unit, assessment_id: int) -> Assessment | None:
    """One assessment, held until the transaction ends."""
    found = select(AssessmentRow).where(AssessmentRow.id == assessment_id)
    row = unit.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    return None if row is None else _assessment(unit, row)


def open_of(unit: Unit, client_id: int) -> list[Assessment]:
    """A client's assessments that are neither over nor referred, the newest first."""
    found = select(AssessmentRow).where(AssessmentRow.client_id == client_id, AssessmentRow.state.in_(OPEN))
    newest = found.order_by(AssessmentRow.id.desc()).execution_options(populate_existing=True)
    return [_assessment(unit, row) for row in unit.session.scalars(newest)]


def of_client(unit: Unit, client_id: int, limit: int) -> list[Assessment]:
    """A client's assessments, the newest first."""
    found = select(AssessmentRow).where(AssessmentRow.client_id == client_id).order_by(AssessmentRow.id.desc())
    return [_assessment(unit, row) for row in unit.session.scalars(found.limit(limit))]


def decided_since(unit: Unit, one: Assessment) -> bool:
    """Whether a later assessment of the same client was confirmed."""
    later = (AssessmentRow.id > one.id, AssessmentRow.state == AssessmentState.CONFIRMED)
    found = select(AssessmentRow.id).where(AssessmentRow.client_id == one.client_id, *later).limit(1)
    return unit.session.scalar(found) is not None


def scored_since(unit: Unit, client_id: int, since: Sequence[datetime]) -> list[int]:
    """How many results a client has got since each of these instants."""
    count = select(func.count()).where(AssessmentRow.client_id == client_id)
    return [unit.session.scalars(count.where(AssessmentRow.scored_at >= each)).one() for each in since]


def ending(unit: Unit, on: Collection[date], after: int, limit: int) -> list[Ending]:
    """Clients by id whose last day is one of these.

    Professional investors need no assessment, others are staff's; so is whoever waits for staff to settle theirs.
    """
    reached = (
        ClientRow.kind != ClientKind.PROFESSIONAL,
        ClientRow.state.in_([ClientState.NORMAL, ClientState.DORMANT]),
        ~_waits(),
    )
    found = (
        select(ClientRow.id, ClientRow.risk_valid_until)
        .where(ClientRow.id > after, ClientRow.risk_level.is_not(None), ClientRow.risk_valid_until.in_(on), *reached)
        .order_by(ClientRow.id)
        .limit(limit)
    )
    return [Ending(client_id, until) for client_id, until in unit.session.execute(found) if until is not None]


def waits(unit: Unit, client_id: int) -> bool:
    """Whether staff have to settle one of the client's before anything may hold."""
    return unit.session.scalar(select(ClientRow.id).where(ClientRow.id == client_id, _waits())) is not None


def _waits() -> Exists:
    """Whether staff have to settle one of the client's, and nothing was confirmed since."""
    referred, later = aliased(AssessmentRow), aliased(AssessmentRow)
    confirmed = (later.client_id == referred.client_id, later.id > referred.id)
    settled = exists().where(*confirmed, later.state == AssessmentState.CONFIRMED)
    return exists().where(referred.client_id == ClientRow.id, referred.state == AssessmentState.REFERRED, ~settled)


def hold(unit: Unit, client_id: int, level: RiskLevel, valid_until: date, now: datetime) -> None:
    """From now on this result holds."""
    values = {"risk_level": level, "risk_valid_until": valid_until, "updated_at": now}
    unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(values))


def suspend(unit: Unit, client_id: int, ended_on: date, now: datetime) -> None:
    """The former result held up to this day and no longer."""
    longer = (ClientRow.id == client_id, ClientRow.risk_valid_until > ended_on)
    unit.session.execute(update(ClientRow).where(*longer).values(risk_valid_until=ended_on, updated_at=now))


def _sealed(unit: Unit, answers: Mapping[str, str]) -> bytes:
    return unit.vault.seal(ANSWERS, json.dumps(dict(answers)))


def _assessment(unit: Unit, row: AssessmentRow) -> Assessment:
    return Assessment(
        id=row.id,
        client_id=row.client_id,
        version=row.version,
        state=row.state,
        channel=row.channel,
        started_at=row.started_at,
        touched_at=row.touched_at,
        staff_id=row.staff_id,
        answered_by=row.answered_by,
        answers=json.loads(unit.vault.open(ANSWERS, row.answers_sealed)) if row.answers_sealed else {},
        checks=tuple(row.checks),
        records=dict(row.records),
        score=row.score,
        level=row.level,
        valid_until=row.valid_until,
        settled_by=row.settled_by,
        scored_at=row.scored_at,
        ended_at=row.ended_at,
    )
