"""Everything that is said, one row per addressee, and the permits of each lane."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import AnswerKind, DeliveryState, Interest, Locale, ProductRisk, Purpose
from storage.models.base import Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


def _where_known(name: str, *columns: str) -> Index:
    """An index of the rows whose first column has a value: each row changes thrice, and each index costs each time."""
    known = sql(f"{columns[0]} IS NOT NULL")
    return Index(name, *columns, sqlite_where=known, postgresql_where=known)


class DeliveryRow(Base):
    """One message to one addressee: why, what, by which way, and what became of it.

    `carried_by` is the later message in whose answer a waiting reply was given. `doubted`: a try ended in doubt, so
    that it must not go by another channel. Channel, account and address are those of the last try. `media_id`: a
    picture of ours that is shown below the text. `answer_kind`: what a reply made of a question, once for each;
    `entry_id`: where from, or what came nearest.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose))
    priority: Mapped[int] = mapped_column(Integer)
    state: Mapped[DeliveryState] = mapped_column(EnumText(DeliveryState), default=DeliveryState.PENDING)
    rule: Mapped[str | None] = mapped_column(String(64))
    decision: Mapped[dict[str, Any] | None] = mapped_column(Document)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("chat_accounts.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    carried_by: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    broadcast_id: Mapped[int | None] = mapped_column(ForeignKey("broadcasts.id"))
    chunk: Mapped[int | None] = mapped_column(Integer)
    channel: Mapped[str | None] = mapped_column(String(16))
    account: Mapped[str | None] = mapped_column(String(32))
    address: Mapped[str | None] = mapped_column(String(128))
    text_key: Mapped[str] = mapped_column(String(64))
    parameters: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    personal: Mapped[list[Any]] = mapped_column(Document, default=list)
    options: Mapped[list[Any]] = mapped_column(Document, default=list)
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))
    notice: Mapped[str | None] = mapped_column(String(64))
    locale: Mapped[Locale | None] = mapped_column(EnumText(Locale))
    text: Mapped[str | None] = mapped_column(Text)
    material: Mapped[str | None] = mapped_column(String(64))
    product_risk: Mapped[ProductRisk | None] = mapped_column(EnumText(ProductRisk))
    topic: Mapped[Interest | None] = mapped_column(EnumText(Interest))
    answer_kind: Mapped[AnswerKind | None] = mapped_column(EnumText(AnswerKind))
    entry_id: Mapped[str | None] = mapped_column(String(64))
    essential: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    doubted: Mapped[bool] = mapped_column(Boolean, default=False)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    platform_message_id: Mapped[str | None] = mapped_column(String(128))
    error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index(
            "ix_deliveries_due",
            "channel",
            "account",
            "priority",
            "not_before",
            "id",
            sqlite_where=sql("state = 'pending'"),
            postgresql_where=sql("state = 'pending'"),
        ),
        Index(
            "ix_deliveries_expires_at",
            "expires_at",
            sqlite_where=sql("state = 'pending' AND expires_at IS NOT NULL"),
            postgresql_where=sql("state = 'pending' AND expires_at IS NOT NULL"),
        ),
        Index(
            "ix_deliveries_open",
            "state",
            "claimed_at",
            sqlite_where=sql("state IN ('sending', 'uncertain', 'awaiting_staff')"),
            postgresql_where=sql("state IN ('sending', 'uncertain', 'awaiting_staff')"),
        ),
        Index(
            "ix_deliveries_conversation_open",
            "conversation_id",
            "id",
            sqlite_where=sql("state IN ('pending', 'sending')"),
            postgresql_where=sql("state IN ('pending', 'sending')"),
        ),
        _where_known("ix_deliveries_broadcast_id_chunk_state", "broadcast_id", "chunk", "state"),
        _where_known("ix_deliveries_conversation_id_id", "conversation_id", "id"),
        Index("ix_deliveries_client_id_created_at", "client_id", "created_at"),
        _where_known("ix_deliveries_inbox_id", "inbox_id"),
        _where_known("ix_deliveries_media_id", "media_id"),
        _where_known("ix_deliveries_carried_by", "carried_by"),
        _where_known("ix_deliveries_platform_message_id", "platform_message_id"),
    )


class DeliveryTryRow(Base):
    """A chat by which a delivery did not go out, for certain, before it went on by another: which, and why not."""

    __tablename__ = "delivery_tries"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("chat_accounts.id"))
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(128))
    rule: Mapped[str] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(Integer)
    decision: Mapped[dict[str, Any] | None] = mapped_column(Document)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PermitRow(Base):
    """When the next message on a lane may go, in seconds since 1970; shared by all workers."""

    __tablename__ = "permits"

    lane: Mapped[str] = mapped_column(String(160), primary_key=True)
    next_at: Mapped[float] = mapped_column(Float)
