"""Reading and writing tickets and their history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, text, update

from bot.vocabulary import EntryKind, Level, TicketKind, TicketSource, TicketState
from bot.vocabulary.tickets import CLOSED
from storage.models import TicketEntryRow, TicketRow
from storage.unit import Unit

CONTACT = "tickets.contact"
"""Place under which the client's contact data is sealed."""

# The same words on SQLite and PostgreSQL; the row is locked until the commit, so no number is given twice.
_NEXT = text(
    "INSERT INTO ticket_numbers (series, last) VALUES (:series, 1)"
    " ON CONFLICT (series) DO UPDATE SET last = ticket_numbers.last + 1 RETURNING last"
)


@dataclass(frozen=True, slots=True)
class Dues:
    """Promised instants; None where the calendar of the year is still missing, or nothing was promised."""

    contact_at: datetime | None = None
    decide_at: datetime | None = None
    resolve_at: datetime | None = None

    @property
    def next_at(self) -> datetime | None:
        """The first of them."""
        return min(filter(None, (self.contact_at, self.decide_at, self.resolve_at)), default=None)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A complaint or inquiry."""

    id: int
    number: str
    kind: TicketKind
    state: TicketState
    level: Level
    category: str | None
    client_id: int | None
    conversation_id: int | None
    summary: str
    details: dict[str, Any]
    assignee_id: int | None
    dues: Dues
    opened_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket to be opened."""

    number: str
    kind: TicketKind
    level: Level
    opened_at: datetime
    summary: str
    category: str | None = None
    source: TicketSource = TicketSource.CHAT
    client_id: int | None = None
    conversation_id: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    dues: Dues = Dues()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ticket's history."""

    kind: EntryKind
    at: datetime
    text: str = ""
    staff_id: int | None = None
    inbox_id: int | None = None
    delivery_id: int | None = None


def next_number(unit: Unit, series: str) -> int:
    """The next number of a series, from 1; nobody else gets it."""
    return int(unit.session.execute(_NEXT, {"series": series}).scalar_one())


def add(unit: Unit, new: NewTicket) -> Ticket:
    """Open a ticket."""
    row = TicketRow(
        number=new.number,
        kind=new.kind,
        level=new.level,
        category=new.category,
        source=new.source,
        client_id=new.client_id,
        conversation_id=new.conversation_id,
        summary=new.summary,
        details=dict(new.details),
        contact_due_at=new.dues.contact_at,
        decide_due_at=new.dues.decide_at,
        resolve_due_at=new.dues.resolve_at,
        next_due_at=new.dues.next_at,
        opened_at=new.opened_at,
    )
    unit.session.add(row)
    unit.flush()
    return _ticket(row)


def add_entry(unit: Unit, ticket_id: int, entry: Entry) -> None:
    """Add a line to a ticket's history."""
    unit.session.add(
        TicketEntryRow(
            ticket_id=ticket_id,
            at=entry.at,
            kind=entry.kind,
            staff_id=entry.staff_id,
            text=entry.text,
            inbox_id=entry.inbox_id,
            delivery_id=entry.delivery_id,
        )
    )
    unit.flush()


def entries(unit: Unit, ticket_id: int) -> list[Entry]:
    """A ticket's history, oldest first."""
    rows = unit.session.scalars(
        select(TicketEntryRow).where(TicketEntryRow.ticket_id == ticket_id).order_by(TicketEntryRow.id)
    )
    return [Entry(row.kind, row.at, row.text, row.staff_id, row.inbox_id, row.delivery_id) for row in rows]


def by_id(unit: Unit, ticket_id: int) -> Ticket | None:
    """The ticket."""
    row = unit.session.get(TicketRow, ticket_id)
    return None if row is None else _ticket(row)


def by_number(unit: Unit, number: str) -> Ticket | None:
    """The ticket with this number."""
    row = unit.session.scalars(select(TicketRow).where(TicketRow.number == number)).one_or_none()
    return None if row is None else _ticket(row)


def complaints_of(unit: Unit, conversation_id: int, client_id: int | None) -> list[Ticket]:
    """This client's complaints, and those of nobody known that were told in this conversation, newest first."""
    mine = (TicketRow.conversation_id == conversation_id) & TicketRow.client_id.is_(None)
    if client_id is not None:
        mine = mine | (TicketRow.client_id == client_id)
    rows = unit.session.scalars(
        select(TicketRow).where(TicketRow.kind == TicketKind.COMPLAINT, mine).order_by(TicketRow.id.desc())
    )
    return [_ticket(row) for row in rows]


def without_promise(unit: Unit) -> list[Ticket]:
    """Open complaints that were promised no time because a calendar was missing."""
    rows = unit.session.scalars(
        select(TicketRow)
        .where(TicketRow.kind == TicketKind.COMPLAINT, TicketRow.state.not_in(CLOSED))
        .where(
            TicketRow.contact_due_at.is_(None) | TicketRow.decide_due_at.is_(None) | TicketRow.resolve_due_at.is_(None)
        )
        .order_by(TicketRow.id)
    )
    return [_ticket(row) for row in rows]


def set_dues(unit: Unit, ticket_id: int, dues: Dues) -> None:
    """Write the promised times."""
    change(
        unit,
        ticket_id,
        contact_due_at=dues.contact_at,
        decide_due_at=dues.decide_at,
        resolve_due_at=dues.resolve_at,
        next_due_at=dues.next_at,
    )


def first_contact(unit: Unit, ticket_id: int, at: datetime) -> None:
    """Note when the client first heard from a person; next comes the decision, for an inquiry nothing."""
    unit.session.execute(
        update(TicketRow)
        .where(TicketRow.id == ticket_id, TicketRow.contacted_at.is_(None))
        .values(contacted_at=at, next_due_at=TicketRow.decide_due_at, version=TicketRow.version + 1)
    )


def change(unit: Unit, ticket_id: int, **values: object) -> None:
    """Set columns of a ticket and count its version up."""
    _changed(unit, ticket_id, **values)


def decide(unit: Unit, ticket: Ticket, **values: object) -> bool:
    """The same of a ticket as it was read; False where somebody changed it since."""
    return _changed(unit, ticket.id, TicketRow.version == ticket.version, **values)


def assign(unit: Unit, ticket: Ticket, staff_id: int) -> bool:
    """Give a ticket as it was read to a person; False where somebody changed it since."""
    return decide(unit, ticket, assignee_id=staff_id, first_owner_id=func.coalesce(TicketRow.first_owner_id, staff_id))


def adopt(unit: Unit, ticket_id: int, staff_id: int) -> None:
    """Give a ticket to a person where it is nobody's."""
    _changed(unit, ticket_id, TicketRow.assignee_id.is_(None), assignee_id=staff_id, first_owner_id=staff_id)


def raise_level(unit: Unit, ticket_id: int, level: Level) -> bool:
    """Make a ticket more severe; False where it is as severe already."""
    return _changed(unit, ticket_id, TicketRow.level > level, level=level)


def _changed(unit: Unit, ticket_id: int, *still: ColumnElement[bool], **values: object) -> bool:
    """Set columns where the conditions still hold; PostgreSQL asks them anew of what it had to wait for."""
    these = update(TicketRow).where(TicketRow.id == ticket_id, *still)
    found = unit.session.execute(these.values(version=TicketRow.version + 1, **values).returning(TicketRow.id))
    return found.one_or_none() is not None


def _ticket(row: TicketRow) -> Ticket:
    return Ticket(
        id=row.id,
        number=row.number,
        kind=row.kind,
        state=row.state,
        level=row.level,
        category=row.category,
        client_id=row.client_id,
        conversation_id=row.conversation_id,
        summary=row.summary,
        details=dict(row.details),
        assignee_id=row.assignee_id,
        dues=Dues(row.contact_due_at, row.decide_due_at, row.resolve_due_at),
        opened_at=row.opened_at,
        version=row.version,
    )


def open_of(unit: Unit, client_id: int) -> list[TicketKind]:
    """The kinds of a client's tickets that are open."""
    row = TicketRow
    return list(unit.session.scalars(select(row.kind).where(row.client_id == client_id, row.state.not_in(CLOSED))))
