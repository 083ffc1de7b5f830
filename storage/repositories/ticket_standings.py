"""Where tickets stand, for other systems: nothing of what was said in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from bot.vocabulary import Level, TicketKind, TicketState
from storage.models import ClientRow, TicketRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """One ticket; `client` is the client's number, where the chat is somebody's."""

    id: int
    number: str
    kind: TicketKind
    level: Level
    state: TicketState
    category: str | None
    client: str | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None


_ROW = TicketRow
_COLUMNS: Select[*tuple[Any, ...]] = select(
    _ROW.id,
    _ROW.number,
    _ROW.kind,
    _ROW.level,
    _ROW.state,
    _ROW.category,
    ClientRow.number,
    _ROW.opened_at,
    _ROW.next_due_at,
    _ROW.closed_at,
).outerjoin(ClientRow, ClientRow.id == _ROW.client_id)


def by_number(unit: Unit, number: str) -> Standing | None:
    """The ticket with this number."""
    row = unit.session.execute(_COLUMNS.where(_ROW.number == number)).one_or_none()
    return None if row is None else Standing(*row)


def page(unit: Unit, client: str | None, after: int, limit: int) -> list[Standing]:
    """Tickets in the order in which they were opened, after the one of an id; of one client, or all."""
    found = _COLUMNS.where(_ROW.id > after)
    if client is not None:
        found = found.where(ClientRow.number == client)
    return [Standing(*row) for row in unit.session.execute(found.order_by(_ROW.id).limit(limit))]
