"""Conversations and what came in."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import Locale, Owner
from storage.models.base import Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


class ConversationRow(Base):
    """One chat's dialogue: who answers in it, the last options offered, the last topic and the turns since.

    While it waits, `reserved_for_id` answers first, until `reserved_until`.
    """

    __tablename__ = "conversations"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("chat_accounts.id"), unique=True)
    owner: Mapped[Owner] = mapped_column(EnumText(Owner), default=Owner.BOT, index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(Identifier)  # tickets name the conversation; no circle of keys
    locale: Mapped[Locale] = mapped_column(EnumText(Locale), default=Locale.ZH_CN)
    options: Mapped[list[Any]] = mapped_column(Document, default=list)
    options_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    topic: Mapped[dict[str, Any] | None] = mapped_column(Document)
    topic_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    topic_turns: Mapped[int] = mapped_column(Integer, default=0)
    dialog: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    lease_holder: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reserved_for_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reserved_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    waiting_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_inbound_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        Index(
            "ix_conversations_reserved",
            "reserved_until",
            sqlite_where=sql("reserved_until IS NOT NULL"),
            postgresql_where=sql("reserved_until IS NOT NULL"),
        ),
    )


class InboxRow(Base):
    """Something that came in, kept word for word; stored before anything is acknowledged."""

    __tablename__ = "inbox"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(32))
    platform_id: Mapped[str] = mapped_column(String(160))
    replay_key: Mapped[str | None] = mapped_column(String(160))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    state: Mapped[str] = mapped_column(String(16), default="new")
    route: Mapped[str | None] = mapped_column(String(16))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        UniqueConstraint("channel", "account", "platform_id"),
        UniqueConstraint("channel", "account", "replay_key"),
        Index("ix_inbox_conversation_id_id", "conversation_id", "id"),
        Index(
            "ix_inbox_open",
            "conversation_id",
            "id",
            sqlite_where=sql("state = 'new'"),
            postgresql_where=sql("state = 'new'"),
        ),
    )
