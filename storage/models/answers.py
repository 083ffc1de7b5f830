"""What became of clients' questions: their votes on answers, and sums by day."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import AnswerKind
from storage.models.base import Base
from storage.types import EnumText, Identifier, UTCDateTime


class VoteRow(Base):
    """Whether an entry's answer helped, as a conversation said last."""

    __tablename__ = "votes"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    entry_id: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    helpful: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    __table_args__ = (UniqueConstraint("conversation_id", "entry_id"),)


class AnswerSumRow(Base):
    """How many replies of a kind a day saw on a channel, by entry; an empty `entry_id` where none came near."""

    __tablename__ = "answer_sums"

    asked_on: Mapped[date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[AnswerKind] = mapped_column(EnumText(AnswerKind), primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)


class TallyRow(Base):
    """How far a table has been summed up: everything to `last_id`, as it stood at `at`."""

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    last_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
