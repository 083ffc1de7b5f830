"""Tickets, their history, and the intake of complaints."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import EntryKind, IntakeState, IntakeStep, Level, TicketKind, TicketSource, TicketState
from storage.models.base import Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


class TicketRow(Base):
    """One complaint or inquiry."""

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[TicketKind] = mapped_column(EnumText(TicketKind))
    state: Mapped[TicketState] = mapped_column(EnumText(TicketState), default=TicketState.REGISTERED)
    level: Mapped[Level] = mapped_column(EnumText(Level))
    category: Mapped[str | None] = mapped_column(String(8))
    source: Mapped[TicketSource] = mapped_column(EnumText(TicketSource))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    summary: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    first_owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    contact_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decide_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resolve_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    contacted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (Index("ix_tickets_state_next_due_at", "state", "next_due_at"),)


class TicketNumberRow(Base):
    """The last number given out in one series of one day (`TS20261123`)."""

    __tablename__ = "ticket_numbers"

    series: Mapped[str] = mapped_column(String(16), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class TicketEntryRow(Base):
    """One line of a ticket's history; only ever added."""

    __tablename__ = "ticket_entries"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[EntryKind] = mapped_column(EnumText(EntryKind))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id"))


class IntakeRow(Base):
    """A complaint being told; it becomes a ticket at the end, or after the deadline with what is there.

    `client_id`: whose the chat was when it began.
    """

    __tablename__ = "intakes"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    state: Mapped[IntakeState] = mapped_column(EnumText(IntakeState), default=IntakeState.RUNNING)
    step: Mapped[IntakeStep] = mapped_column(EnumText(IntakeStep), default=IntakeStep.WHAT)
    answers: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    touched_at: Mapped[datetime] = mapped_column(UTCDateTime)
    deadline_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_intakes_state_deadline_at", "state", "deadline_at"),)
