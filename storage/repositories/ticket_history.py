"""A ticket's history as staff read it: who did what, and what became of what was said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.vocabulary import DeliveryState, EntryKind
from storage.models import DeliveryRow, StaffRow, TicketEntryRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `state` is that of the delivery of something said."""

    id: int
    at: datetime
    kind: EntryKind
    text: str
    author: str | None
    state: DeliveryState | None


def lines(unit: Unit, ticket_id: int) -> list[Line]:
    """The whole history, oldest first."""
    statement = (
        select(
            TicketEntryRow.id,
            TicketEntryRow.at,
            TicketEntryRow.kind,
            TicketEntryRow.text,
            StaffRow.name,
            DeliveryRow.state,
        )
        .outerjoin(StaffRow, StaffRow.id == TicketEntryRow.staff_id)
        .outerjoin(DeliveryRow, DeliveryRow.id == TicketEntryRow.delivery_id)
        .where(TicketEntryRow.ticket_id == ticket_id)
    )
    return [Line(*row) for row in unit.session.execute(statement.order_by(TicketEntryRow.id))]
