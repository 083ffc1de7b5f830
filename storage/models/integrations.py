"""The branch's own systems that use the JSON API."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base
from storage.types import Document, Identifier, UTCDateTime


class IntegrationRow(Base):
    """One system with its scopes and requests a minute; of its token only the keyed hash is kept."""

    __tablename__ = "integrations"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    token_key: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    scopes: Mapped[list[Any]] = mapped_column(Document, default=list)
    per_minute: Mapped[int] = mapped_column(Integer)
    created_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ApiAnswerRow(Base):
    """What a request with a one-time key was answered; `digest` tells it from others with the same key."""

    __tablename__ = "api_answers"

    integration_id: Mapped[int] = mapped_column(ForeignKey("integrations.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(Integer)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
