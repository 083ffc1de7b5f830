"""The approved answers, and the questions that found none."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Float, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import Locale, Settlement
from bot.vocabulary.knowledge import EditionState
from storage.models.base import Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


def _one_each(name: str, states: str) -> Index:
    """At most one edition of an entry is in these states."""
    return Index(name, "entry_id", unique=True, sqlite_where=sql(states), postgresql_where=sql(states))


class EditionRow(Base):
    """One version of an entry; every version is kept. Without an author it came with the product.

    `revision` counts the changes of a draft, so that nobody writes over what they have not seen. `writers` are all who
    wrote in it: none of them may review or publish it.
    """

    __tablename__ = "knowledge_editions"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    state: Mapped[EditionState] = mapped_column(EnumText(EditionState))
    revision: Mapped[int] = mapped_column(Integer, default=1)
    category: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]] = mapped_column(Document)
    date_check: Mapped[bool] = mapped_column(Boolean, default=False)
    review_on: Mapped[date | None] = mapped_column(Date)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    writers: Mapped[list[Any]] = mapped_column(Document, default=list)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    edited_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    note: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("entry_id", "version"),
        _one_each("uq_knowledge_editions_open", "state IN ('draft', 'reviewed')"),
        _one_each("uq_knowledge_editions_published", "state = 'published'"),
    )


class PublicationRow(Base):
    """One change of what clients are answered from; without staff it came with the product.

    `before` and `after` are the figures of the regression run, `worse` the questions that came out worse, `reason` why
    it was published all the same. `thresholds` are those fitted by the branch, if any; they hold until the next ones.
    """

    __tablename__ = "knowledge_publications"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    entries: Mapped[int] = mapped_column(Integer)
    changes: Mapped[list[Any]] = mapped_column(Document)
    before: Mapped[dict[str, Any] | None] = mapped_column(Document)
    after: Mapped[dict[str, Any] | None] = mapped_column(Document)
    worse: Mapped[list[Any]] = mapped_column(Document, default=list)
    reason: Mapped[str | None] = mapped_column(Text)
    thresholds: Mapped[dict[str, Any] | None] = mapped_column(Document)


class RegressionRow(Base):
    """A question asked at every publication, and what is right: entry ids, or NONE, COMPLAINT or HUMAN."""

    __tablename__ = "knowledge_regressions"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    question: Mapped[str] = mapped_column(String(300), unique=True)
    expected: Mapped[list[Any]] = mapped_column(Document)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class MissRow(Base):
    """A question without a certain answer, kept for the curators until one of them settles it."""

    __tablename__ = "misses"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    locale: Mapped[Locale] = mapped_column(EnumText(Locale))
    outcome: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    nearest: Mapped[str | None] = mapped_column(String(64))
    score: Mapped[float | None] = mapped_column(Float)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    settlement: Mapped[Settlement | None] = mapped_column(EnumText(Settlement))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    entry_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_misses_settled", "settled_at"),
        Index(
            "ix_misses_open",
            "at",
            sqlite_where=sql("settled_at IS NULL"),
            postgresql_where=sql("settled_at IS NULL"),
        ),
    )


class VectorRow(Base):
    """The vector of one text by one model: 16-bit floats, the low byte first."""

    __tablename__ = "vectors"

    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class RankerRow(Base):
    """The ranker trained from what is published, by the digest of all that it was made from."""

    __tablename__ = "rankers"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class VersionRow(Base):
    """A counter that every process watches: knowledge, settings, calendars."""

    __tablename__ = "versions"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
