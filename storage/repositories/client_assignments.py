"""Who is and was in charge of clients: kept in line with the clients' own columns, and read as a history."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, insert, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.vocabulary import Duty
from storage.models import ClientAssignmentRow, ClientRow, StaffRow
from storage.types import Identifier, UTCDateTime
from storage.unit import Unit

COLUMNS: dict[Duty, InstrumentedAttribute[int | None]] = {
    Duty.MANAGER: ClientRow.manager_id,
    Duty.ADVISER: ClientRow.adviser_id,
}
AT_ONCE = 10_000
"""Clients in one statement."""
_BEGUN = ["client_id", "duty", "staff_id", "begun_at", "begun_by"]
_PLAIN = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Term:
    """One person's time; `begun_by` and `ended_by` are None where an import did it."""

    id: int
    duty: Duty
    name: str
    begun_at: datetime
    begun_by: str | None
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Hand:
    """When it is changed, and by whom; None: an import."""

    at: datetime
    staff_id: int | None = None


def follow(unit: Unit, duty: Duty, chosen: ColumnElement[bool], hand: Hand) -> None:
    """Bring the history of the chosen clients in line with whom their rows name now; the rest stays as it is."""
    unit.flush()
    row, person = ClientAssignmentRow, COLUMNS[duty]
    clients = select(ClientRow.id).where(chosen)
    other = exists().where(ClientRow.id == row.client_id, person.is_distinct_from(row.staff_id))
    over = update(row).where(row.client_id.in_(clients), row.duty == duty, row.ended_at.is_(None), other)
    unit.session.execute(over.values(ended_at=hand.at, ended_by=hand.staff_id), execution_options=_PLAIN)
    known = exists().where(row.client_id == ClientRow.id, row.duty == duty, row.ended_at.is_(None))
    values = (literal(duty, row.duty.type), person, literal(hand.at, UTCDateTime), literal(hand.staff_id, Identifier))
    fresh = select(ClientRow.id, *values).where(chosen, person.is_not(None), ~known.correlate(ClientRow))
    unit.session.execute(insert(row).from_select(_BEGUN, fresh))


def replace(unit: Unit, duty: Duty, pair: tuple[int, int | None], hand: Hand) -> None:
    """Put the second person, or nobody, in the first one's place with all their clients."""
    giver, taker = pair
    person = COLUMNS[duty]
    theirs = list(unit.session.scalars(select(ClientRow.id).where(person == giver)))
    for start in range(0, len(theirs), AT_ONCE):
        chosen = ClientRow.id.in_(theirs[start : start + AT_ONCE])
        unit.session.execute(update(ClientRow).where(chosen).values({person.key: taker}), execution_options=_PLAIN)
        follow(unit, duty, chosen, hand)


def put(unit: Unit, client_id: int, duty: Duty, staff_id: int | None, hand: Hand) -> None:
    """Put somebody, or nobody, in charge of a client."""
    chosen = ClientRow.id == client_id
    unit.session.execute(update(ClientRow).where(chosen).values({COLUMNS[duty].key: staff_id}))
    follow(unit, duty, chosen, hand)


def holder(unit: Unit, client_id: int, duty: Duty, *, hold: bool = False) -> int | None:
    """Who has the duty now; `hold` keeps others from changing it until the transaction ends."""
    chosen = select(COLUMNS[duty]).where(ClientRow.id == client_id)
    return unit.session.scalar(chosen.with_for_update() if hold else chosen)


def history(unit: Unit, client_id: int) -> list[Term]:
    """All terms, the latest first."""
    row, person, began, ended = ClientAssignmentRow, StaffRow, aliased(StaffRow), aliased(StaffRow)
    statement = (
        select(row.id, row.duty, person.name, row.begun_at, began.name, row.ended_at, ended.name)
        .join(person, person.id == row.staff_id)
        .outerjoin(began, began.id == row.begun_by)
        .outerjoin(ended, ended.id == row.ended_by)
        .where(row.client_id == client_id)
        .order_by(row.id.desc())
    )
    return [Term(*found) for found in unit.session.execute(statement)]
