"""Tickets: their numbers, their promised times and what is added to them.

A ticket is never refused for lack of a calendar: what cannot be counted is promised later (`fill_promises`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.clock import branch_date
from bot.errors import Conflict
from bot.vocabulary import EntryKind, Level, TicketKind, TicketState
from bot.vocabulary.tickets import CLOSED
from services.calendar import BusinessHours, DeadlineRule, Term, Workdays, WorkingTime
from storage.repositories import staff as staff_rows
from storage.repositories import tickets as rows
from storage.repositories.conversations import Conversation
from storage.repositories.tickets import Dues, Entry, NewTicket, Ticket
from storage.unit import Unit

__all__ = ["TERMS", "Matter", "Terms", "Ticket", "Tickets", "number_in", "theirs"]

SUMMARY = 120
"""Signs of a summary."""

_NUMBER = re.compile(r"(?:TS|ZX)\d{8}-\d{4,}")
_SERIES = {TicketKind.COMPLAINT: "TS", TicketKind.INQUIRY: "ZX"}


@dataclass(frozen=True, slots=True)
class Terms:
    """How long each step of a complaint may take."""

    contact: Term
    decide: Term
    resolve: Term


_ORDINARY = Terms(Workdays(1), Workdays(3), Workdays(15))
TERMS: Mapping[Level, Terms] = {
    Level.P1: Terms(WorkingTime(timedelta(hours=2)), Workdays(3), Workdays(3)),
    Level.P2: Terms(WorkingTime(timedelta(hours=2)), Workdays(3), Workdays(7)),
    Level.P3: _ORDINARY,
    Level.P4: _ORDINARY,
}
"""The branch's defaults, as the industry's guidelines leave the days to each firm."""

REPLY_WITHIN = WorkingTime(timedelta(minutes=30))
"""How soon somebody answers a client who wants a person."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a ticket is about and whose it is."""

    summary: str
    level: Level
    conversation_id: int | None
    client_id: int | None
    at: datetime
    category: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tickets:
    """Opens and follows tickets; `hours` gives the business hours as they stand now."""

    hours: Callable[[], BusinessHours]

    def complain(self, unit: Unit, matter: Matter) -> Ticket:
        """Open a complaint with its number and promised times."""
        return self._open(unit, TicketKind.COMPLAINT, matter, self._promises(matter.level, matter.at))

    def inquire(self, unit: Unit, matter: Matter) -> Ticket:
        """Open an inquiry for a person to answer."""
        due = self._rule().settle(matter.at, REPLY_WITHIN).at
        return self._open(unit, TicketKind.INQUIRY, matter, Dues(contact_at=due))

    def add(self, unit: Unit, ticket_id: int, entry: Entry) -> None:
        """Add a line to a ticket's history and tell who is looking at it."""
        rows.add_entry(unit, ticket_id, entry)
        unit.announce("ticket", ticket_id)

    def open_ticket(self, unit: Unit, ticket_id: int | None) -> Ticket | None:
        """The ticket, if somebody still works on it."""
        found = rows.by_id(unit, ticket_id) if ticket_id is not None else None
        return found if found and found.state not in CLOSED else None

    def of_chat(self, unit: Unit, conversation: Conversation) -> Ticket | None:
        """The ticket that a chat is about, if somebody still works on it; not that of whoever had the chat before."""
        found = self.open_ticket(unit, conversation.ticket_id)
        return found if found and theirs(found.client_id, conversation) else None

    def raise_level(self, unit: Unit, ticket: Ticket, level: Level, at: datetime) -> None:
        """Make a ticket more severe, never less."""
        if level < ticket.level and rows.raise_level(unit, ticket.id, level):
            self.add(unit, ticket.id, Entry(EntryKind.SYSTEM, at, f"{ticket.level} > {level}"))

    def answered(self, unit: Unit, ticket: Ticket, staff_id: int, at: datetime) -> None:
        """Note the first answer of a person; who gives it is the ticket's first owner."""
        if ticket.assignee_id is None:
            rows.adopt(unit, ticket.id, staff_id)
        rows.first_contact(unit, ticket.id, at)

    def resolve(self, unit: Unit, ticket: Ticket, staff_id: int, at: datetime) -> None:
        """End a ticket as it was read; Conflict where it was changed since, say raised to another level."""
        if not rows.decide(unit, ticket, state=TicketState.RESOLVED, closed_at=at, next_due_at=None):
            raise Conflict("ticket_changed")
        self.add(unit, ticket.id, Entry(EntryKind.STATE, at, TicketState.RESOLVED.value, staff_id=staff_id))

    def complaints_of(self, unit: Unit, conversation_id: int, client_id: int | None) -> list[Ticket]:
        """This client's complaints, and those of nobody known that were told in this conversation, newest first."""
        return rows.complaints_of(unit, conversation_id, client_id)

    def assignee(self, unit: Unit, ticket: Ticket) -> str | None:
        """The name of who works on it."""
        found = staff_rows.by_id(unit, ticket.assignee_id) if ticket.assignee_id is not None else None
        return found.name if found else None

    def fill_promises(self, unit: Unit) -> int:
        """Promise what a missing calendar left open; how many tickets it could be done for."""
        filled = 0
        for ticket in rows.without_promise(unit):
            dues = self._promises(ticket.level, ticket.opened_at)
            if dues != ticket.dues:
                rows.set_dues(unit, ticket.id, dues)
                filled += 1
        return filled

    def _open(self, unit: Unit, kind: TicketKind, matter: Matter, dues: Dues) -> Ticket:
        series = f"{_SERIES[kind]}{branch_date(matter.at):%Y%m%d}"
        new = NewTicket(
            number=f"{series}-{rows.next_number(unit, series):04d}",
            kind=kind,
            level=matter.level,
            category=matter.category,
            opened_at=matter.at,
            summary=matter.summary[:SUMMARY],
            client_id=matter.client_id,
            conversation_id=matter.conversation_id,
            details=matter.details,
            dues=dues,
        )
        ticket = rows.add(unit, new)
        unit.announce("ticket", ticket.id)
        unit.announce("ticket_opened", ticket.id)
        return ticket

    def _promises(self, level: Level, at: datetime) -> Dues:
        rule, terms = self._rule(), TERMS[level]
        return Dues(*(rule.settle(at, term).at for term in (terms.contact, terms.decide, terms.resolve)))

    def _rule(self) -> DeadlineRule:
        return DeadlineRule(self.hours())


def theirs(client_id: int | None, conversation: Conversation) -> bool:
    """Whether the chat a ticket came from is still its client's; a ticket of nobody known is its chat's."""
    return client_id is None or conversation.client_id == client_id


def number_in(text: str) -> str | None:
    """The ticket number a client names."""
    found = _NUMBER.search(text.upper())
    return found.group() if found else None
