"""Reading and writing the intake of complaints."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.vocabulary import IntakeState, IntakeStep
from storage.models import IntakeRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Intake:
    """A complaint being told."""

    id: int
    conversation_id: int
    state: IntakeState
    step: IntakeStep
    answers: dict[str, Any]
    ticket_id: int | None
    deadline_at: datetime


def open_in(unit: Unit, conversation_id: int) -> Intake | None:
    """The running or paused intake of a conversation."""
    row = unit.session.scalars(
        select(IntakeRow)
        .where(IntakeRow.conversation_id == conversation_id)
        .where(IntakeRow.state.in_([IntakeState.RUNNING, IntakeState.PAUSED]))
        .order_by(IntakeRow.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _intake(row)


def _intake(row: IntakeRow) -> Intake:
    return Intake(row.id, row.conversation_id, row.state, row.step, dict(row.answers), row.ticket_id, row.deadline_at)
