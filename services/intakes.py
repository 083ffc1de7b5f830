"""The intake of a complaint: questions one by one, and a ticket at the end whatever happens.

Every message is kept in `said` word for word (contact data sealed), also asides and corrections, and becomes a line
of the ticket. A deliberate cancel is the client's withdrawal: nothing is registered, the intake keeps what was
said. Everything else, also silence, ends in exactly one ticket. What sounds like an emergency is a ticket at once.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.vocabulary import EntryKind, IntakeState, IntakeStep, Level, Purpose
from services.delivery.submission import Submission, Submit, ToConversation
from services.rules import Rules
from services.tickets import Matter, Tickets, theirs
from services.triage import Suggestion, Triage
from storage.repositories import conversations
from storage.repositories import intakes as rows
from storage.repositories import tickets as ticket_rows
from storage.repositories.conversations import Conversation
from storage.repositories.intakes import Intake
from storage.repositories.tickets import Entry, Ticket
from storage.unit import Unit

STEPS = tuple(IntakeStep)
ASIDE = "aside"
"""Under which a question asked in between is kept."""

SUPPLEMENT_SPAN = timedelta(days=7)
"""How long after registration what a client writes still belongs to the complaint."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the client."""

    inbox_id: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Registered:
    """A complaint that became a ticket, and what it looks like."""

    ticket: Ticket
    suggestion: Suggestion


Told = Intake | Registered


@dataclass(frozen=True)
class Intakes:
    """Leads complaints from the first word to the ticket."""

    tickets: Tickets
    triage: Triage
    rules: Rules
    submit: Submit

    def start(self, unit: Unit, conversation: Conversation, heard: Heard, *, bare: bool) -> Told:
        """Begin, or go on where one is open; `bare` says that the message only asked for the intake."""
        found = rows.claim_in(unit, conversation.id)
        if found:
            return self._reopened(unit, found, heard, bare=bare)
        whose, first = (conversation.id, conversation.client_id), (IntakeState.RUNNING, IntakeStep.WHAT)
        blank = Intake(0, *whose, *first, {}, None, heard.at)
        begun = replace(blank, deadline_at=heard.at + self.rules.intake_span)
        intake = rows.add(unit, begun, heard.at)
        if bare:
            return self._save(unit, _keep(unit, intake, heard, ASIDE), heard.at)
        return self._answered(unit, intake, heard)

    def answer(self, unit: Unit, conversation: Conversation, heard: Heard) -> Told | None:
        """Take a message as the answer to the step; None where no intake is open any more."""
        intake = rows.claim_in(unit, conversation.id)
        return None if intake is None else self._answered(unit, intake, heard)

    def aside(self, unit: Unit, conversation: Conversation, heard: Heard) -> Intake | None:
        """Keep a message that is no answer to the step."""
        intake = rows.claim_in(unit, conversation.id)
        return None if intake is None else self._save(unit, _keep(unit, intake, heard, ASIDE), heard.at)

    def skip(self, unit: Unit, conversation: Conversation, now: datetime) -> Told | None:
        """Leave the step out; at the last one there is nothing to leave out but to register."""
        intake = rows.claim_in(unit, conversation.id)
        if intake is None:
            return None
        if intake.step is IntakeStep.CONFIRM:
            return self._register(unit, intake, now)
        return self._save(unit, replace(intake, state=IntakeState.RUNNING, step=_after(intake.step)), now)

    def confirm(self, unit: Unit, conversation: Conversation, now: datetime) -> Registered | None:
        """Register what was told."""
        intake = rows.claim_in(unit, conversation.id)
        return None if intake is None else self._register(unit, intake, now)

    def pause(self, unit: Unit, conversation: Conversation, now: datetime) -> Intake | None:
        """Let it rest until the client comes back or the time is over."""
        return self._moved(unit, conversation, IntakeState.PAUSED, now)

    def resume(self, unit: Unit, conversation: Conversation, now: datetime) -> Intake | None:
        """Go on where it was left."""
        return self._moved(unit, conversation, IntakeState.RUNNING, now)

    def cancel(self, unit: Unit, conversation: Conversation, now: datetime) -> Intake | None:
        """Withdraw it as the client wishes."""
        return self._moved(unit, conversation, IntakeState.CANCELLED, now)

    def supplement(self, unit: Unit, conversation: Conversation, heard: Heard) -> Ticket | None:
        """Add a message to the complaint lately registered here; None where there is none that is still open."""
        lately = rows.registered_since(unit, conversation.id, heard.at - SUPPLEMENT_SPAN)
        ticket = self.tickets.open_ticket(unit, lately.ticket_id) if lately else None
        if ticket is None or not theirs(ticket.client_id, conversation):
            return None
        entry = Entry(EntryKind.CLIENT_MESSAGE, heard.at, heard.text, inbox_id=heard.inbox_id)
        self.tickets.add(unit, ticket.id, entry)
        self.tickets.raise_level(unit, ticket, self.triage.suggest(heard.text).level, heard.at)
        return ticket

    def register_due(self, unit: Unit, now: datetime, limit: int = 50) -> list[Ticket]:
        """Register complaints whose time is over with what is there, and tell their clients; oldest first.

        Where the chat became another's meanwhile nobody is told there.
        """
        return [self._register_silent(unit, intake, now) for intake in rows.claim_due(unit, now, limit)]

    def _register_silent(self, unit: Unit, intake: Intake, now: datetime) -> Ticket:
        done = self._register(unit, intake, now)
        chat = conversations.by_id(unit, intake.conversation_id)
        if chat is None or not theirs(done.ticket.client_id, chat):
            return done.ticket
        key, parameters = receipt(done.ticket)
        self.submit(
            unit,
            Submission(
                key=f"intake:{intake.id}:registered",
                purpose=Purpose.TICKET_UPDATE,
                to=ToConversation(intake.conversation_id),
                text_key=key,
                parameters=parameters,
            ),
        )
        return done.ticket

    def _reopened(self, unit: Unit, intake: Intake, heard: Heard, *, bare: bool) -> Told:
        running = replace(intake, state=IntakeState.RUNNING)
        if bare or running.step is not IntakeStep.WHAT:
            return self._checked(unit, _keep(unit, running, heard, ASIDE), heard)
        return self._answered(unit, running, heard)

    def _answered(self, unit: Unit, intake: Intake, heard: Heard) -> Told:
        kept = _keep(unit, intake, heard, intake.step)
        return self._checked(unit, replace(kept, state=IntakeState.RUNNING, step=_after(intake.step)), heard)

    def _checked(self, unit: Unit, intake: Intake, heard: Heard) -> Told:
        """Register at once what sounds like an emergency: it cannot wait for the last question."""
        if self.triage.suggest(heard.text).level is Level.P1:
            return self._register(unit, intake, heard.at)
        return self._save(unit, intake, heard.at)

    def _moved(self, unit: Unit, conversation: Conversation, state: IntakeState, now: datetime) -> Intake | None:
        intake = rows.claim_in(unit, conversation.id)
        return None if intake is None else self._save(unit, replace(intake, state=state), now)

    def _save(self, unit: Unit, intake: Intake, now: datetime) -> Intake:
        rows.save(unit, intake, now)
        return intake

    def _register(self, unit: Unit, intake: Intake, now: datetime) -> Registered:
        said = _said(intake)
        told = "\n".join(line["text"] for line in said if line["text"])
        suggestion = self.triage.suggest(told)
        conversation = conversations.by_id(unit, intake.conversation_id)
        matter = Matter(
            summary=answer_to(intake, IntakeStep.WHAT) or told,
            level=suggestion.level,
            category=suggestion.category,
            conversation_id=intake.conversation_id,
            client_id=intake.client_id or (conversation.client_id if conversation else None),
            at=now,
            details=_details(unit, intake, suggestion),
        )
        ticket = self.tickets.complain(unit, matter)
        for line in said:
            self.tickets.add(unit, ticket.id, _entry(line))
        rows.save(unit, replace(intake, state=IntakeState.REGISTERED, ticket_id=ticket.id), now)
        return Registered(ticket, suggestion)


def answer_to(intake: Intake, step: IntakeStep) -> str:
    """What the client said at a step, in their words; empty for what was skipped and for the sealed contact."""
    return "\n".join(line["text"] for line in _said(intake) if line["step"] == step)


def contact_of(unit: Unit, intake: Intake) -> str:
    """How the client wants to be reached, opened."""
    sealed = [line["sealed"] for line in _said(intake) if "sealed" in line]
    return "\n".join(unit.vault.open(rows.CONTACT, base64.b64decode(each)) for each in sealed)


def receipt(ticket: Ticket) -> tuple[str, dict[str, object]]:
    """Text key and parameters that tell a client of their ticket; without times where none can be promised yet."""
    dues = ticket.dues
    if dues.contact_at is None or dues.decide_at is None:
        return "complaint_registered_undated", {"number": ticket.number}
    times = {"contact_by": dues.contact_at.isoformat(), "decide_by": dues.decide_at.isoformat()}
    return "complaint_registered", {"number": ticket.number, **times}


def _said(intake: Intake) -> Sequence[Mapping[str, Any]]:
    said: Sequence[Mapping[str, Any]] = intake.answers.get("said", ())
    return said


def _keep(unit: Unit, intake: Intake, heard: Heard, step: str) -> Intake:
    """The intake with one more message; what is said at the contact step is sealed."""
    line: dict[str, Any] = {"inbox": heard.inbox_id, "at": heard.at.isoformat(), "step": str(step), "text": heard.text}
    if step == IntakeStep.CONTACT:
        sealed = unit.vault.seal(rows.CONTACT, heard.text)
        line |= {"text": "", "sealed": base64.b64encode(sealed).decode()}
    return replace(intake, answers=intake.answers | {"said": [*_said(intake), line]})


def _entry(line: Mapping[str, Any]) -> Entry:
    """A line of the ticket; sealed words stay in the inbox and in the ticket's details."""
    at = datetime.fromisoformat(line["at"])
    return Entry(EntryKind.CLIENT_MESSAGE, at, line["text"], inbox_id=line["inbox"])


def _details(unit: Unit, intake: Intake, suggestion: Suggestion) -> dict[str, Any]:
    plain = {step.value: answer_to(intake, step) for step in (IntakeStep.WHAT, IntakeStep.WHEN, IntakeStep.DEMAND)}
    contact = contact_of(unit, intake)
    sealed = base64.b64encode(unit.vault.seal(ticket_rows.CONTACT, contact)).decode() if contact else ""
    return plain | {"contact_sealed": sealed, "rules": list(suggestion.rules), "kind": suggestion.kind}


def _after(step: IntakeStep) -> IntakeStep:
    """The next step; the last one repeats, so that corrections can be told until it is confirmed."""
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]
