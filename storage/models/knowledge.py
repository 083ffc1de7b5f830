"""The approved answers, and the questions that found none."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import Locale
from storage.models.base import Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


class KnowledgeRow(Base):
    """One published entry with its questions and answers."""

    __tablename__ = "knowledge_entries"

    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    category: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]] = mapped_column(Document)
    date_check: Mapped[bool] = mapped_column(Boolean, default=False)
    review_on: Mapped[date | None] = mapped_column(Date)
    approved_by: Mapped[str] = mapped_column(String(64))
    approved_on: Mapped[date] = mapped_column(Date)


class MissRow(Base):
    """A question without a certain answer, kept for the curators."""

    __tablename__ = "misses"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    locale: Mapped[Locale] = mapped_column(EnumText(Locale))
    outcome: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    nearest: Mapped[str | None] = mapped_column(String(64))
    score: Mapped[float | None] = mapped_column(Float)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class VersionRow(Base):
    """A counter that every process watches: knowledge, settings, calendars."""

    __tablename__ = "versions"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
