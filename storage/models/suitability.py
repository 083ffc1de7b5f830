"""Questionnaires, what clients answered, and the register of products."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import AnsweredBy, AssessmentState, ProductRisk, RiskLevel
from storage.models.base import Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


class QuestionnaireRow(Base):
    """One version of the questionnaire, kept for ever as it was imported; the last put to use is asked."""

    __tablename__ = "questionnaires"

    version: Mapped[str] = mapped_column(String(32), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Document)
    imported_by: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_from: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class ProductRow(Base):
    """One product with the firm's rating; former ratings stand in the audit trail."""

    __tablename__ = "products"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    risk: Mapped[ProductRisk] = mapped_column(EnumText(ProductRisk), index=True)
    rated_on: Mapped[date] = mapped_column(Date)
    offered: Mapped[bool] = mapped_column(Boolean, default=True)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AssessmentRow(Base):
    """One client's answers to one version, with the result; the answers, which tell of income and debts, are sealed.

    `staff_id` is who asked at the counter, `settled_by` who decided on one that was referred to staff.
    """

    __tablename__ = "assessments"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    version: Mapped[str] = mapped_column(ForeignKey("questionnaires.version"))
    state: Mapped[AssessmentState] = mapped_column(EnumText(AssessmentState), default=AssessmentState.RUNNING)
    channel: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_by: Mapped[AnsweredBy] = mapped_column(EnumText(AnsweredBy), default=AnsweredBy.CLIENT)
    answers_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    checks: Mapped[list[Any]] = mapped_column(Document, default=list)
    records: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    score: Mapped[int | None] = mapped_column(Integer)
    level: Mapped[RiskLevel | None] = mapped_column(EnumText(RiskLevel))
    valid_until: Mapped[date | None] = mapped_column(Date)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    touched_at: Mapped[datetime] = mapped_column(UTCDateTime)
    scored_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_assessments_client_id_id", "client_id", "id"),)
