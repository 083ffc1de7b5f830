"""What staff do with a ticket: take it on, note something, answer the client, close it.

Each asks first whether the person may, and leaves a line in the ticket's history and in the audit trail.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.errors import Conflict, Refused
from bot.vocabulary import Action, EntryKind, Level, Owner, TicketKind
from services import audit
from services.audit import Deed
from services.handover import Answer, Handover
from services.staff import demand
from services.tickets import Tickets, theirs
from storage.repositories import conversations, ownership
from storage.repositories import ticket_lists as lists
from storage.repositories import tickets as rows
from storage.repositories.conversations import Conversation
from storage.repositories.staff import Staff
from storage.repositories.ticket_lists import Item
from storage.repositories.tickets import Entry, Ticket
from storage.unit import Unit

SERIOUS = frozenset({Level.P1, Level.P2})
"""Levels at which only compliance closes a complaint."""


def owns_ticket(staff: Staff, ticket: Item) -> bool:
    """Whether a ticket is the person's own, or their team's: to work on, or of a client."""
    return staff.has(ticket.assignee_id, *ticket.keepers)


def owns_conversation(staff: Staff, staff_id: int | None, keepers: Iterable[int | None]) -> bool:
    """Whether a conversation is the person's own, or their team's: answered by them, or of a client."""
    return staff.has(staff_id, *keepers)


@dataclass(frozen=True, slots=True)
class Move:
    """What a member of staff wants done with a ticket, and the state of it that they saw."""

    number: str
    text: str
    version: int
    at: datetime
    key: str = ""


@dataclass(frozen=True)
class Desk:
    """Staff's work on tickets."""

    tickets: Tickets
    handover: Handover

    def note(self, unit: Unit, staff: Staff, move: Move) -> None:
        """Write something down that the client does not see."""
        ticket = self._open(unit, staff, move.number)
        self.tickets.add(unit, ticket.id, Entry(EntryKind.NOTE, move.at, _words(move), staff.id))

    def assign(self, unit: Unit, staff: Staff, move: Move) -> None:
        """Make the ticket the person's own to work on; taking it from another needs the right to reassign."""
        ticket = self._seen(unit, staff, move)
        if ticket.assignee_id is not None and ticket.assignee_id != staff.id:
            demand(staff, Action.REASSIGN)
        if not rows.assign(unit, ticket, staff.id):
            raise Conflict("ticket_changed")
        self.tickets.add(unit, ticket.id, Entry(EntryKind.SYSTEM, move.at, f"> {staff.name}", staff.id))
        audit.record(unit, Deed("ticket.assign", f"ticket:{ticket.number}", move.at, staff.id))

    def answer(self, unit: Unit, staff: Staff, move: Move) -> None:
        """Say something to the client in the chat the ticket came from."""
        ticket, conversation = self._open(unit, staff, move.number), None
        if ticket.conversation_id is not None:
            conversation = conversations.by_id(unit, ticket.conversation_id)
        if conversation is None:
            raise Refused("ticket_without_chat")
        if not theirs(ticket.client_id, conversation):
            raise Refused("ticket_chat_left")
        demand(staff, Action.REPLY, own=True)
        if self.tickets.of_chat(unit, conversation) is None:
            ownership.set_ticket(unit, conversation.id, ticket.id)
        words = Answer(conversation.id, move.key, _words(move), move.at)
        landed = self.handover.reply(unit, staff, words)
        if landed.id != ticket.id:
            self.tickets.add(unit, ticket.id, Entry(EntryKind.STAFF_REPLY, move.at, move.text, staff.id))
            self.tickets.answered(unit, ticket, staff.id, move.at)

    def close(self, unit: Unit, staff: Staff, move: Move) -> None:
        """End the work on a ticket; a serious complaint only by compliance, a running dialogue by its owner."""
        ticket = self._seen(unit, staff, move)
        if ticket.kind is TicketKind.COMPLAINT and ticket.level in SERIOUS:
            demand(staff, Action.CLOSE_SERIOUS)
        if running := self._running(unit, ticket):
            self.handover.close(unit, staff, Answer(running.id, move.key, _words(move), move.at))
        else:
            self.tickets.add(unit, ticket.id, Entry(EntryKind.NOTE, move.at, _words(move), staff.id))
            self.tickets.resolve(unit, ticket, staff.id, move.at)
        audit.record(unit, Deed("ticket.close", f"ticket:{ticket.number}", move.at, staff.id))

    def _running(self, unit: Unit, ticket: Ticket) -> Conversation | None:
        """The dialogue with a person that an inquiry still is."""
        if ticket.kind is not TicketKind.INQUIRY or ticket.conversation_id is None:
            return None
        found = conversations.by_id(unit, ticket.conversation_id)
        running = found is not None and found.owner is not Owner.BOT and found.ticket_id == ticket.id
        return found if found and running and theirs(ticket.client_id, found) else None

    def _seen(self, unit: Unit, staff: Staff, move: Move) -> Ticket:
        """The ticket as the person saw it; what they decide stands only if it still is so when it is written."""
        ticket = self._open(unit, staff, move.number)
        if ticket.version != move.version:
            raise Conflict("ticket_changed")
        return ticket

    def _open(self, unit: Unit, staff: Staff, number: str) -> Ticket:
        found, ticket = lists.by_number(unit, number), rows.by_number(unit, number)
        if found is None or ticket is None:
            raise Refused("ticket_unknown")
        demand(staff, Action.WORK_TICKETS, own=owns_ticket(staff, found))
        if self.tickets.open_ticket(unit, ticket.id) is None:
            raise Conflict("ticket_closed")
        return ticket


def _words(move: Move) -> str:
    if not move.text.strip():
        raise Refused("text_missing")
    return move.text.strip()
