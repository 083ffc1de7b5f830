"""What the rights of the persons behind the records need: keys, requests that two persons decide on, and holds."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary.rights import RequestKind, RequestState
from storage.models.base import Base
from storage.types import EnumText, Identifier, UTCDateTime


class ClientKeyRow(Base):
    """The key under which the audit trail holds what it tells of one client, wrapped by the master key.

    Once it is destroyed the row stays without a key, so that none is made anew.
    """

    __tablename__ = "client_keys"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ClientRequestRow(Base):
    """What one member of staff asked for on a client's behalf and another approves; only ever added and settled.

    `into_id`: whom a client is merged into; `next_on`: the day on which the next part of an erasure is due;
    `finished_at`: nothing of it is left to do.
    """

    __tablename__ = "client_requests"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    kind: Mapped[RequestKind] = mapped_column(EnumText(RequestKind))
    state: Mapped[RequestState] = mapped_column(EnumText(RequestState), default=RequestState.ASKED, index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    into_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    next_on: Mapped[date | None] = mapped_column(Date, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LegalHoldRow(Base):
    """As long as one stands, nothing of a client is erased; only ever added and lifted."""

    __tablename__ = "legal_holds"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lifted_for: Mapped[str | None] = mapped_column(Text)
