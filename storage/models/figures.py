"""What follows from the statements and the chats of clients. Amounts are whole fen, shares whole percent."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import AssetClass
from storage.models.base import Base
from storage.types import EnumText, UTCDateTime


class FiguresDueRow(Base):
    """A client whose statements changed, and the first day on which they did."""

    __tablename__ = "figures_due"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    since: Mapped[date] = mapped_column(Date)


class ClientDayRow(Base):
    """What a client had on one day: kept, so that a series needs no sum over what was held."""

    __tablename__ = "client_days"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    on: Mapped[date] = mapped_column(Date, primary_key=True)
    securities_fen: Mapped[int] = mapped_column(BigInteger)
    cash_fen: Mapped[int] = mapped_column(BigInteger)
    assets_fen: Mapped[int] = mapped_column(BigInteger)


class ClientFiguresRow(Base):
    """A client up to their newest day; `storage/repositories/figures.py` says how each figure is reckoned.

    NULL where there is nothing to divide by, or no margin ratio was ever told.
    """

    __tablename__ = "client_figures"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    on: Mapped[date] = mapped_column(Date)
    assets_fen: Mapped[int] = mapped_column(BigInteger)
    cash_fen: Mapped[int] = mapped_column(BigInteger)
    mean_fen: Mapped[int] = mapped_column(BigInteger)
    concentration: Mapped[int | None] = mapped_column(BigInteger)
    drawdown: Mapped[int | None] = mapped_column(BigInteger)
    turnover: Mapped[int | None] = mapped_column(BigInteger)
    margin_ratio: Mapped[int | None] = mapped_column(BigInteger)
    reckoned_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ClientClassRow(Base):
    """What a client holds of a class on their newest day; a class is asked for by its clients, so it comes first."""

    __tablename__ = "client_classes"

    asset_class: Mapped[AssetClass] = mapped_column(EnumText(AssetClass), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    value_fen: Mapped[int] = mapped_column(BigInteger)


class ChatDayRow(Base):
    """A day of the branch on which a client wrote to us, in whichever chat."""

    __tablename__ = "chat_days"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    on: Mapped[date] = mapped_column(Date, primary_key=True, index=True)


class ChatDayCountRow(Base):
    """A day whose writers were noted to its end, and how many they were."""

    __tablename__ = "chat_day_counts"

    on: Mapped[date] = mapped_column(Date, primary_key=True)
    clients: Mapped[int] = mapped_column(Integer)
