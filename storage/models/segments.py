"""Named segments, what they meant before, and the members of fixed lists."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import NEVER_AGAIN, Base
from storage.types import Document, Identifier, UTCDateTime


class SegmentRow(Base):
    """One segment as it stands; `condition` is None for a fixed list. Packaged ones have no author."""

    __tablename__ = "segments"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    condition: Mapped[dict[str, Any] | None] = mapped_column(Document)
    version: Mapped[int] = mapped_column(Integer, default=1)
    packaged: Mapped[bool] = mapped_column(Boolean, default=False)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = NEVER_AGAIN


class SegmentVersionRow(Base):
    """What a segment meant in one version, and who gave it that meaning; only ever added."""

    __tablename__ = "segment_versions"

    segment_id: Mapped[int] = mapped_column(ForeignKey("segments.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    condition: Mapped[dict[str, Any] | None] = mapped_column(Document)
    members: Mapped[int | None] = mapped_column(Integer)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class SegmentCountRow(Base):
    """How many clients a segment had on a day of the branch."""

    __tablename__ = "segment_counts"

    segment_id: Mapped[int] = mapped_column(ForeignKey("segments.id"), primary_key=True)
    counted_on: Mapped[date] = mapped_column(Date, primary_key=True)
    members: Mapped[int] = mapped_column(Integer)


class SegmentMemberRow(Base):
    """One client on a fixed list."""

    __tablename__ = "segment_members"

    segment_id: Mapped[int] = mapped_column(ForeignKey("segments.id"), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True, index=True)
