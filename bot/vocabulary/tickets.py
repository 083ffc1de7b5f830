"""Complaints and inquiries."""

from enum import StrEnum


class TicketKind(StrEnum):
    """An inquiry wants a person; a complaint wants a dispute settled."""

    INQUIRY = "inquiry"
    COMPLAINT = "complaint"


class Level(StrEnum):
    """Severity, P1 highest."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class TicketState(StrEnum):
    """Where a ticket stands (the complaint desk deepens these)."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    INVESTIGATING = "investigating"
    WAITING_CLIENT = "waiting_client"
    PROPOSED = "proposed"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"


CLOSED = frozenset({TicketState.RESOLVED, TicketState.REJECTED, TicketState.WITHDRAWN, TicketState.ARCHIVED})
"""States in which nobody works on the ticket."""


class TicketSource(StrEnum):
    """How a ticket came about."""

    CHAT = "chat"
    STAFF = "staff"
    PLATFORM_12386 = "platform_12386"


class EntryKind(StrEnum):
    """One line of a ticket's history."""

    CLIENT_MESSAGE = "client_message"
    STAFF_REPLY = "staff_reply"
    NOTE = "note"
    STATE = "state"
    SYSTEM = "system"


class Owner(StrEnum):
    """Who answers in a conversation: the bot, the waiting queue, or one named person."""

    BOT = "bot"
    WAITING = "waiting"
    STAFF = "staff"


class IntakeStep(StrEnum):
    """The questions of a complaint's intake, in order."""

    WHAT = "what"
    WHEN = "when"
    DEMAND = "demand"
    CONTACT = "contact"
    CONFIRM = "confirm"


class IntakeState(StrEnum):
    """Where an intake stands; whatever it holds becomes a ticket after 24 h."""

    RUNNING = "running"
    PAUSED = "paused"
    REGISTERED = "registered"
    CANCELLED = "cancelled"
