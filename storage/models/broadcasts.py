"""Broadcasts: composed by one, approved by another, sent to a frozen audience."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import Interest, ProductRisk, Purpose
from storage.models.base import Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


class BroadcastRow(Base):
    """One broadcast with its text, its audience's condition and its approval.

    `condition` stands by itself; `segment` says which named one it was when it was written.
    `media_id`: a picture or file that is shown below the text. `audience` stands once every recipient has a row;
    until then `frozen_to` is the last client who was looked at.
    """

    __tablename__ = "broadcasts"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose))
    state: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]] = mapped_column(Document)
    content_hash: Mapped[str] = mapped_column(String(64))
    condition: Mapped[dict[str, Any]] = mapped_column(Document)
    segment: Mapped[str | None] = mapped_column(String(80), index=True)
    material: Mapped[str | None] = mapped_column(String(64))
    product_risk: Mapped[ProductRisk | None] = mapped_column(EnumText(ProductRisk))
    topic: Mapped[Interest | None] = mapped_column(EnumText(Interest))
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    audience: Mapped[int | None] = mapped_column(Integer)
    audience_hash: Mapped[str | None] = mapped_column(String(64))
    frozen_to: Mapped[int] = mapped_column(Identifier, default=0)
    send_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    latest_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str | None] = mapped_column(Text)
