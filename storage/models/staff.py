"""Staff, their sessions, and what the console keeps for them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import StaffState
from storage.models.base import Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


class StaffRow(Base):
    """A member of staff."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(64), default="")
    licence: Mapped[str] = mapped_column(String(32), default="")
    roles: Mapped[list[Any]] = mapped_column(Document, default=list)
    state: Mapped[StaffState] = mapped_column(EnumText(StaffState), default=StaffState.ACTIVE)
    password_hash: Mapped[str] = mapped_column(String(160))
    wecom_member: Mapped[str] = mapped_column(String(64), default="")
    must_change: Mapped[bool] = mapped_column(Boolean, default=False)
    fictional: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TeamRow(Base):
    """A team; its head sees what its members see."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    head_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TeamMemberRow(Base):
    """Who belongs to a team: nobody to two."""

    __tablename__ = "team_members"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, autoincrement=False)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)


class AbsenceRow(Base):
    """Days on which somebody is not here, both included."""

    __tablename__ = "staff_absences"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date] = mapped_column(Date)


class SignInTriesRow(Base):
    """Tries to sign in with one number, whether anybody has it or not; the number is kept as a keyed hash."""

    __tablename__ = "sign_in_tries"

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    tries: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class StaffSessionRow(Base):
    """A sign-in; the cookie holds a random word of which only the hash is kept."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    word_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    second_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SecondFactorRow(Base):
    """Somebody's authenticator: its secret is sealed, and no code of a step up to `last_step` is taken again."""

    __tablename__ = "second_factors"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, autoincrement=False)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_step: Mapped[int | None] = mapped_column(Identifier)


class StaffRecoveryRow(Base):
    """A recovery code that is not used up yet, as a keyed hash."""

    __tablename__ = "staff_recovery"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_key: Mapped[bytes] = mapped_column(LargeBinary(16))


class FormKeyRow(Base):
    """The one-time key of a submitted form and the place its first result led to."""

    __tablename__ = "form_keys"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    result: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class DraftRow(Base):
    """Text a member of staff has typed and not sent yet."""

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    place: Mapped[str] = mapped_column(String(96))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("staff_id", "place"),)
