"""What clients have learned."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base
from storage.types import Identifier, UTCDateTime


class LessonCompletionRow(Base):
    """A client's best result of a lesson: `score` of so many `questions` right, in that `version` of the lessons."""

    __tablename__ = "lesson_completions"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    lesson: Mapped[str] = mapped_column(String(32))
    version: Mapped[str] = mapped_column(String(32))
    score: Mapped[int] = mapped_column(Integer)
    questions: Mapped[int] = mapped_column(Integer)
    completed_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("client_id", "lesson"),)
