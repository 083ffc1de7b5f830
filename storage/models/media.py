"""What clients sent besides words, and pictures that staff sent them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import MediaRefusal, MediaState
from storage.models.base import Base
from storage.types import EnumText, Identifier, UTCDateTime


class MediaRow(Base):
    """One picture or file: what became of it, and the key under which its sealed bytes lie outside the database.

    `inbox_id` is empty until the message that an upload came with is stored, and of what staff sent, which a delivery
    names.
    """

    __tablename__ = "media"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"), unique=True)
    state: Mapped[MediaState] = mapped_column(EnumText(MediaState), default=MediaState.WANTED)
    reason: Mapped[MediaRefusal | None] = mapped_column(EnumText(MediaRefusal))
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
    type: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    wanted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        Index(
            "ix_media_wanted",
            "next_at",
            sqlite_where=sql("state = 'wanted'"),
            postgresql_where=sql("state = 'wanted'"),
        ),
    )
