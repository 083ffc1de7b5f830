"""Reading and writing the intake of complaints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, update

from bot.vocabulary import IntakeState, IntakeStep
from storage.models import Base, ChatAccountRow, ConversationRow, IntakeRow
from storage.unit import Unit

CONTACT = "intakes.contact"
"""Place under which the client's contact data is sealed."""

OPEN = (IntakeState.RUNNING, IntakeState.PAUSED)


@dataclass(frozen=True, slots=True)
class Intake:
    """A complaint being told."""

    id: int
    conversation_id: int
    client_id: int | None
    state: IntakeState
    step: IntakeStep
    answers: dict[str, Any]
    ticket_id: int | None
    deadline_at: datetime


# Every message asks for it: built once, on the table itself, executed on the connection.
_INTAKES, _TALKS, _CHATS = (
    Base.metadata.tables[row.__tablename__] for row in (IntakeRow, ConversationRow, ChatAccountRow)
)
_IN = _INTAKES.c
_WHAT = (_IN.id, _IN.conversation_id, _IN.client_id, _IN.state, _IN.step, _IN.answers, _IN.ticket_id, _IN.deadline_at)
_OWNER = (
    select(_CHATS.c.client_id)
    .join(_TALKS, _TALKS.c.account_id == _CHATS.c.id)
    .where(_TALKS.c.id == _IN.conversation_id)
    .scalar_subquery()
)
# What one client told is nothing to whoever has the chat after them: it is registered at its end, for its client.
_COLUMNS = select(*_WHAT).where(or_(_IN.client_id.is_(None), _IN.client_id == _OWNER))
_OPEN = _COLUMNS.where(_IN.state.in_(OPEN))
_OPEN_IN = _OPEN.where(_IN.conversation_id == bindparam("conversation")).order_by(_IN.id.desc()).limit(1)
_ALL_OPEN_IN = _OPEN.where(_IN.conversation_id.in_(bindparam("conversations", expanding=True))).order_by(_IN.id)
_CLAIM_IN = _OPEN_IN.with_for_update(of=_INTAKES)
_REGISTERED_IN = (
    _COLUMNS.where(_IN.state == IntakeState.REGISTERED)
    .where(_IN.conversation_id == bindparam("conversation"), _IN.touched_at >= bindparam("since"))
    .order_by(_IN.id.desc())
    .limit(1)
)


def add(unit: Unit, intake: Intake, now: datetime) -> Intake:
    """Begin an intake; the id in `intake` is not looked at."""
    row = IntakeRow(
        conversation_id=intake.conversation_id,
        client_id=intake.client_id,
        state=intake.state,
        step=intake.step,
        answers=intake.answers,
        started_at=now,
        touched_at=now,
        deadline_at=intake.deadline_at,
    )
    unit.session.add(row)
    unit.flush()
    return _intake(row)


def open_in(unit: Unit, conversation_id: int) -> Intake | None:
    """The running or paused intake of a conversation."""
    return _one(unit, _OPEN_IN, conversation_id)


def all_open_in(unit: Unit, conversation_ids: Sequence[int]) -> dict[int, Intake]:
    """The running or paused intakes of conversations, by conversation."""
    unit.flush()
    rows = unit.connection.execute(_ALL_OPEN_IN, {"conversations": list(conversation_ids)})
    return {row.conversation_id: Intake(*row) for row in rows}


def claim_in(unit: Unit, conversation_id: int) -> Intake | None:
    """The same, held until the transaction ends: whoever comes later sees what became of it."""
    return _one(unit, _CLAIM_IN, conversation_id)


def claim_due(unit: Unit, now: datetime, limit: int) -> list[Intake]:
    """Open intakes whose time is over, oldest first, held; what another process holds is passed by."""
    rows = unit.session.scalars(
        select(IntakeRow)
        .where(IntakeRow.state.in_(OPEN), IntakeRow.deadline_at <= now)
        .order_by(IntakeRow.deadline_at, IntakeRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_intake(row) for row in rows]


def save(unit: Unit, intake: Intake, now: datetime) -> None:
    """Write what has become of an intake."""
    values = {
        "state": intake.state,
        "step": intake.step,
        "answers": intake.answers,
        "ticket_id": intake.ticket_id,
        "touched_at": now,
    }
    unit.session.execute(update(IntakeRow).where(IntakeRow.id == intake.id).values(values))


def registered_since(unit: Unit, conversation_id: int, since: datetime) -> Intake | None:
    """The newest intake of a conversation that became a ticket after `since`."""
    return _one(unit, _REGISTERED_IN, conversation_id, since=since)


def _one(unit: Unit, statement: Select[*tuple[Any, ...]], conversation_id: int, **values: datetime) -> Intake | None:
    unit.flush()  # the connection would not see what the unit has not written yet
    row = unit.connection.execute(statement, {"conversation": conversation_id, **values}).one_or_none()
    return None if row is None else Intake(*row)


def _intake(row: IntakeRow) -> Intake:
    told = dict(row.answers)
    return Intake(row.id, row.conversation_id, row.client_id, row.state, row.step, told, row.ticket_id, row.deadline_at)
