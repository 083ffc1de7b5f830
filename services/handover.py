"""People taking over from the bot: the queue, the one who answers, and the way back.

A wish for a person makes the conversation WAITING, a person's first move makes it STAFF, and handing back or
closing makes it BOT again. First wins; the loser is told who was faster.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.base import Capabilities
from bot.clock import Clock
from bot.errors import CalendarYearMissing, Conflict, Refused
from bot.messages import Topic
from bot.vocabulary import Action, ChannelKind, DeliveryState, EntryKind, Level, Owner, Purpose, Reach, TicketKind
from services import audit, personal_service
from services.audit import Deed
from services.calendar import BusinessHours, DeadlineRule, WorkingTime
from services.delivery.budget import budget
from services.delivery.submission import Submission, Submit, ToConversation
from services.staff import reach
from services.tickets import Matter, Tickets
from storage.repositories import conversations, facts, ownership
from storage.repositories import staff as staff_rows
from storage.repositories.conversations import Conversation
from storage.repositories.ownership import Reserved
from storage.repositories.staff import Staff
from storage.repositories.tickets import Entry, Ticket
from storage.unit import Unit

MINUTES_EACH = 3
"""What a client in the queue takes on average; only for the estimate told to those behind."""


WORDS = "staff_message"
STAFF_SEND = frozenset({"image", "file"})
"""What staff can send besides words, as channels call it."""
"""The text that holds a person's own words; what is kept of a platform's budget is kept for it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A client wants a person; `text` is what they wrote."""

    inbox_id: int
    text: str
    at: datetime
    level: Level = Level.P4


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place in the queue; `staffed` is None and `promise` may be None where the calendar is missing."""

    number: str
    ahead: int
    promise: datetime | None
    staffed: bool | None

    @property
    def minutes(self) -> int:
        """The estimated wait."""
        return (self.ahead + 1) * MINUTES_EACH


@dataclass(frozen=True, slots=True)
class Window:
    """Whether staff may write in a chat now; `left` of `of` messages until `until`, None where the platform
    sets no bounds.

    `waits`: what they write is given with the client's next message.
    """

    open: bool
    until: datetime | None = None
    left: int | None = None
    of: int | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member of staff wants said; `key` is the form's own, the same at every press of its button.

    `media_id`: a picture shown below it. `topic`: of a line that hands the conversation back, what the bot is told that
    it is about.
    """

    conversation_id: int
    key: str
    text: str
    at: datetime
    topic: Topic | None = None
    media_id: int | None = None


@dataclass(frozen=True)
class Handover:
    """Hands conversations to people and back; `capabilities` are those of each account of each platform.

    A client's own manager answers first for so long, in open hours; what is grave is everybody's at once.
    """

    tickets: Tickets
    hours: Callable[[], BusinessHours]
    submit: Submit
    capabilities: Mapping[tuple[ChannelKind, str], Capabilities]
    clock: Clock
    manager_first: timedelta = timedelta(minutes=10)

    def ask(self, unit: Unit, conversation: Conversation, wish: Wish) -> Waiting:
        """Put a conversation into the queue, with an inquiry that holds the wish; asking again keeps the place."""
        ticket = self._inquiry(unit, conversation)
        if ticket is None:
            matter = Matter(wish.text, wish.level, conversation.id, conversation.client_id, wish.at)
            ticket = self.tickets.inquire(unit, matter)
            self._hear(unit, ticket, wish.inbox_id, wish.text, wish.at)
            ownership.wait(unit, conversation.id, ticket.id, wish.at)
            self._reserve(unit, conversation, wish.at)
            unit.announce("conversation", conversation.id)
        self.tickets.raise_level(unit, ticket, wish.level, wish.at)
        if wish.level <= Level.P2 and ownership.reserved(unit, conversation.id) is not None:
            ownership.open_to_all(unit, conversation.id)
            unit.announce("ticket_opened", ticket.id)  # everybody hears of it now
        ahead = ownership.ahead_of(unit, conversation.id)
        return Waiting(ticket.number, ahead, ticket.dues.contact_at, self._staffed(wish.at))

    def client_wrote(self, unit: Unit, conversation: Conversation, inbox_id: int, text: str) -> None:
        """Put a client's message on the ticket of their waiting or staff-owned conversation."""
        ticket = self.waiting_with(unit, conversation)
        if ticket is not None:
            self._hear(unit, ticket, inbox_id, text, self.clock.now())
        unit.announce("conversation", conversation.id)

    def waiting_with(self, unit: Unit, conversation: Conversation) -> Ticket | None:
        """The ticket that a waiting or staff-owned conversation is about."""
        return self.tickets.of_chat(unit, conversation)

    def take(self, unit: Unit, conversation_id: int, staff: Staff, at: datetime) -> Conversation:
        """Answer in a conversation from now on; the bot is silent then, and the client is told who is there."""
        before = self._claim(unit, conversation_id, staff)
        if before.owner is not Owner.STAFF:
            self._begin(unit, before, staff, at)
            key = f"taken:{conversation_id}:{at.isoformat()}"
            self.submit(unit, _message(before, key, "handover_taken_over", {"staff": staff.name}, staff))
        return before

    def reply(self, unit: Unit, staff: Staff, answer: Answer) -> Ticket:
        """Send a person's words to the client; Refused where the platform or the gate does not let them through."""
        before = self._claim(unit, answer.conversation_id, staff)
        if not self.window(unit, before, answer.at).open:
            raise Refused("reply_window_closed")
        if answer.media_id is not None and not self.encloses(before):
            raise Refused("reply_no_pictures")
        ticket = self._begin(unit, before, staff, answer.at)
        message = _message(before, f"staff:{answer.key}", WORDS, {"body": answer.text}, staff)
        submitted = self.submit(unit, replace(message, media_id=answer.media_id))
        if submitted.state is DeliveryState.SUPPRESSED:
            raise Refused("reply_suppressed", rule=submitted.rule or "")
        if submitted.new:
            words = Entry(EntryKind.STAFF_REPLY, answer.at, answer.text, staff.id, delivery_id=submitted.delivery_id)
            self.tickets.add(unit, ticket.id, words)
            self.tickets.answered(unit, ticket, staff.id, answer.at)
        return ticket

    def hand_back(self, unit: Unit, staff: Staff, done: Answer) -> None:
        """Let the bot answer again; `done.text` sums up what was agreed, and the ticket stays open."""
        conversation = self._own(unit, staff, done)
        ticket = self.tickets.of_chat(unit, conversation)
        self._end(unit, conversation, staff, done)
        if ticket is not None:
            ownership.set_ticket(unit, conversation.id, ticket.id)

    def close(self, unit: Unit, staff: Staff, done: Answer) -> None:
        """Let the bot answer again and end the inquiry; a complaint ends only by its own procedure."""
        conversation = self._own(unit, staff, done)
        ticket = self.tickets.of_chat(unit, conversation)
        if ticket is not None and ticket.kind is TicketKind.COMPLAINT:
            raise Conflict("ticket_needs_procedure", number=ticket.number)
        self._end(unit, conversation, staff, done)
        if ticket is not None:
            self.tickets.resolve(unit, ticket, staff.id, done.at)

    def window(self, unit: Unit, conversation: Conversation, now: datetime) -> Window:
        """Whether staff may write to the client now."""
        chat = conversation.addressee
        capabilities = self.capabilities.get((chat.channel, chat.account))
        if conversation.gone_at is not None or capabilities is None:
            return Window(open=False)
        if capabilities.window is None:
            return Window(open=True, waits=not capabilities.proactive)
        known = facts.chats(unit, [conversation.account_id])[conversation.account_id]
        left = budget(capabilities, known, now)
        return Window(open=left.messages > 0, until=left.until, left=left.messages, of=left.of)

    def encloses(self, conversation: Conversation) -> frozenset[str]:
        """What a client can be sent there besides words: `image`, `file`."""
        chat = conversation.addressee
        capabilities = self.capabilities.get((chat.channel, chat.account))
        return capabilities.media & STAFF_SEND if capabilities else frozenset()

    def _inquiry(self, unit: Unit, conversation: Conversation) -> Ticket | None:
        """The inquiry a conversation is waiting with; one left open by a hand-back is not in the queue."""
        current = conversations.by_id(unit, conversation.id)
        if current is None or current.owner is Owner.BOT:
            return None
        return self.tickets.of_chat(unit, current)

    def _staffed(self, at: datetime) -> bool | None:
        try:
            return self.hours().is_open(at)
        except CalendarYearMissing:
            return None

    def _claim(self, unit: Unit, conversation_id: int, staff: Staff) -> Conversation:
        """Make the conversation the person's; gives it as it was before."""
        before = conversations.by_id(unit, conversation_id)
        if before is None:
            raise Refused("conversation_unknown")
        first = None if reach(staff, Action.REASSIGN) is Reach.ALL else staff.whose
        if not ownership.claim(unit, conversation_id, staff.id, self.clock.now(), first):
            raise self._lost(unit, before)
        return before

    def _lost(self, unit: Unit, before: Conversation) -> Conflict:
        """Who was faster, or who answers first."""
        held = ownership.reserved(unit, before.id)
        if held is not None:
            return Conflict("conversation_reserved", owner=_name(unit, held.staff_id), until=held.until)
        now = conversations.by_id(unit, before.id) or before
        return Conflict("conversation_taken", owner=_name(unit, now.staff_id))

    def _reserve(self, unit: Unit, conversation: Conversation, at: datetime) -> None:
        """Let a client's own manager answer first, where they have one who is here."""
        manager = personal_service.manager_of(unit, conversation.client_id, at)
        if manager is None:
            return
        due = DeadlineRule(self.hours()).settle(at, WorkingTime(self.manager_first)).at
        until = due or at + self.manager_first  # without a calendar by the clock
        ownership.reserve(unit, conversation.id, Reserved(manager.id, until))

    def _begin(self, unit: Unit, before: Conversation, staff: Staff, at: datetime) -> Ticket:
        """The ticket that a person's work lands on, opened where there is none; written down once."""
        ticket = self.tickets.of_chat(unit, before)
        if ticket is None:
            ticket = self._blank(unit, before, at)
            ownership.set_ticket(unit, before.id, ticket.id)
        if before.owner is not Owner.STAFF:
            self.tickets.add(unit, ticket.id, Entry(EntryKind.STATE, at, Owner.STAFF.value, staff.id))
            audit.record(unit, Deed("conversation.take", f"conversation:{before.id}", at, staff.id))
            unit.announce("conversation", before.id)
        return ticket

    def _blank(self, unit: Unit, conversation: Conversation, at: datetime) -> Ticket:
        return self.tickets.inquire(unit, Matter("", Level.P4, conversation.id, conversation.client_id, at))

    def _own(self, unit: Unit, staff: Staff, done: Answer) -> Conversation:
        """The conversation that the person answers in; where it became another client's, with a ticket of theirs."""
        found = conversations.by_id(unit, done.conversation_id)
        if found is None:
            raise Refused("conversation_unknown")
        if found.owner is not Owner.STAFF:
            raise Conflict("conversation_not_taken")
        if found.staff_id != staff.id:
            raise Conflict("conversation_taken", owner=_name(unit, found.staff_id))
        if self.tickets.open_ticket(unit, found.ticket_id) is None or self.tickets.of_chat(unit, found):
            return found
        return replace(found, ticket_id=self._blank(unit, found, done.at).id)

    def _end(self, unit: Unit, conversation: Conversation, staff: Staff, done: Answer) -> None:
        ownership.release(unit, conversation.id, None)
        ownership.dwell(unit, conversation.id, done.topic, done.at)
        if conversation.ticket_id is not None:
            note = Entry(EntryKind.NOTE, done.at, done.text, staff.id)
            self.tickets.add(unit, conversation.ticket_id, note)
        key = f"ended:{done.key}"
        self.submit(unit, _message(conversation, key, "handover_handed_back", {}, staff))
        audit.record(unit, Deed("conversation.end", f"conversation:{conversation.id}", done.at, staff.id))
        unit.announce("conversation", conversation.id)

    def _hear(self, unit: Unit, ticket: Ticket, inbox_id: int, text: str, at: datetime) -> None:
        self.tickets.add(unit, ticket.id, Entry(EntryKind.CLIENT_MESSAGE, at, text, inbox_id=inbox_id))


def _name(unit: Unit, staff_id: int | None) -> str:
    found = staff_rows.by_id(unit, staff_id) if staff_id is not None else None
    return found.name if found else ""


def _message(
    conversation: Conversation, key: str, text_key: str, parameters: Mapping[str, object], staff: Staff
) -> Submission:
    return Submission(
        key=key,
        purpose=Purpose.STAFF_MESSAGE if text_key == WORDS else Purpose.TICKET_UPDATE,
        to=ToConversation(conversation.id),
        text_key=text_key,
        parameters=parameters,
        author_id=staff.id,
        locale=conversation.locale,
    )
