"""What staff keep of clients: notes, changes of the record, who was in charge when, and who belongs together."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import Duty, LinkKind
from storage.models.base import Base
from storage.types import EnumText, Identifier, UTCDateTime

_OPEN = text("ended_at IS NULL")


class ClientNoteRow(Base):
    """What a member of staff noted, sealed; only ever added."""

    __tablename__ = "client_notes"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_client_notes_client_id_at_id", "client_id", "at", "id"),)


class ClientChangeRow(Base):
    """One field that staff changed: from what to what, both sealed; only ever added."""

    __tablename__ = "client_changes"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    field: Mapped[str] = mapped_column(String(24))
    before_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    after_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_client_changes_client_id_at_id", "client_id", "at", "id"),)


class ClientAssignmentRow(Base):
    """Who was a client's manager or adviser from when to when; who began and ended it, None where an import did."""

    __tablename__ = "client_assignments"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    duty: Mapped[Duty] = mapped_column(EnumText(Duty))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime)
    begun_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    __table_args__ = (
        Index("ix_client_assignments_client_id_id", "client_id", "id"),
        Index(
            "ix_client_assignments_open",
            "client_id",
            "duty",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )


class ClientLinkRow(Base):
    """Two clients of one household (in the order of their ids), or a client and who referred them (`other_id`)."""

    __tablename__ = "client_links"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    kind: Mapped[LinkKind] = mapped_column(EnumText(LinkKind))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("client_id", "kind", "other_id"),)
