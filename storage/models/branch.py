"""The branch itself, its calendars, its audit trail and its clockwork."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base
from storage.types import Document, Identifier, UTCDateTime


class BranchRow(Base):
    """How the branch presents itself; one row."""

    __tablename__ = "branches"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(Document)
    demo: Mapped[bool] = mapped_column(default=False)


class CalendarYearRow(Base):
    """Days off, make-up days and market closures of one year, as imported."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    days: Mapped[dict[str, Any]] = mapped_column(Document)
    source: Mapped[str] = mapped_column(String(200))
    imported_by: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AuditRow(Base):
    """One deed, written in the transaction of the deed; only ever added, sealed into a chain afterwards.

    `personal` is what it tells of the client `client_id`, as ciphertext under that client's key.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    action: Mapped[str] = mapped_column(String(48))
    object: Mapped[str] = mapped_column(String(64), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    reason: Mapped[str | None] = mapped_column(Text)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    personal: Mapped[bytes | None] = mapped_column(LargeBinary)
    place: Mapped[int | None] = mapped_column(Identifier, unique=True)
    seal: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    __table_args__ = (
        Index("ix_audit_at_id", "at", "id"),
        Index("ix_audit_unsealed", "id", sqlite_where=text("seal IS NULL"), postgresql_where=text("seal IS NULL")),
    )


class AuditHeadRow(Base):
    """Where the chain of seals ends; one row, on which several sealers wait for one another."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place: Mapped[int] = mapped_column(Identifier)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class JobRunRow(Base):
    """One run of a job of the timetable, claimed by (job, due_at); `started_at` is put on for as long as it goes on."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    detail: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_job_runs_job_state", "job", "state"),)


class ChannelStateRow(Base):
    """What a channel adapter keeps between calls: tokens, cursors, leases."""

    __tablename__ = "channel_state"

    scope: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    holder: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
