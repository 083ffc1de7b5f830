"""A ticket's history as staff read it: who did what, and what became of what was said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.vocabulary import DeliveryState, EntryKind
from storage.models import DeliveryRow, MediaRow, StaffRow, TicketEntryRow
from storage.repositories import media
from storage.repositories.media import Media
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
    media: Media | None


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
            *media.SHOWN,
        )
        .outerjoin(StaffRow, StaffRow.id == TicketEntryRow.staff_id)
        .outerjoin(DeliveryRow, DeliveryRow.id == TicketEntryRow.delivery_id)
        .outerjoin(MediaRow, MediaRow.inbox_id == TicketEntryRow.inbox_id)
        .where(TicketEntryRow.ticket_id == ticket_id)
    )
    found = unit.session.execute(statement.order_by(TicketEntryRow.id))
    return [
        Line(number, at, kind, text, author, state, media.shown(*sent))
        for number, at, kind, text, author, state, *sent in found
    ]
