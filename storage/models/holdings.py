"""What clients hold and trade as the counter system tells it. Amounts are whole fen.

Statements are read by client and day, so each key begins with the client; only what is held now is asked for the
other way round, and stands in an index of its own.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import AssetClass, Side
from storage.models.base import Base
from storage.types import EnumText, Identifier, TenThousandths


class InstrumentRow(Base):
    """Something that clients hold or trade; the code bears its market where the branch's tables tell it."""

    __tablename__ = "instruments"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    asset_class: Mapped[AssetClass] = mapped_column(EnumText(AssetClass), default=AssetClass.OTHER)


class HoldingRow(Base):
    """One instrument of a client on one day; `current` on the client's newest day, as the figures were reckoned."""

    __tablename__ = "holdings"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    on: Mapped[date] = mapped_column(Date, primary_key=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"), primary_key=True)
    quantity: Mapped[Decimal] = mapped_column(TenThousandths)
    cost_fen: Mapped[int | None] = mapped_column(BigInteger)
    price: Mapped[Decimal | None] = mapped_column(TenThousandths)
    value_fen: Mapped[int] = mapped_column(BigInteger)
    current: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (
        Index(
            "ix_holdings_current",
            "instrument_id",
            "client_id",
            sqlite_where=sql("current = 1"),
            postgresql_where=sql("current"),
        ),
    )


class TradeRow(Base):
    """One trade of a client; the counter system's reference is unique on its day."""

    __tablename__ = "trades"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    on: Mapped[date] = mapped_column(Date, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), primary_key=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"))
    side: Mapped[Side] = mapped_column(EnumText(Side))
    quantity: Mapped[Decimal] = mapped_column(TenThousandths)
    price: Mapped[Decimal | None] = mapped_column(TenThousandths)
    value_fen: Mapped[int] = mapped_column(BigInteger)


class BalanceRow(Base):
    """Cash of a client on one day, below nothing where they owe; the margin ratio in whole percent."""

    __tablename__ = "balances"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    on: Mapped[date] = mapped_column(Date, primary_key=True)
    cash_fen: Mapped[int] = mapped_column(BigInteger)
    margin_ratio: Mapped[int | None] = mapped_column(Integer)


class HoldingClientDayRow(Base):
    """A day of which one client's holdings were told whole, by a table that tells of some clients only."""

    __tablename__ = "holding_client_days"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    on: Mapped[date] = mapped_column(Date, primary_key=True)


class HoldingDayRow(Base):
    """A day of which the whole branch's holdings were told to the end: who has none of that day held nothing."""

    __tablename__ = "holding_days"

    on: Mapped[date] = mapped_column(Date, primary_key=True)
