"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=StrEnum)

Identifier = BigInteger().with_variant(Integer, "sqlite")
"""A key that counts up by itself."""

Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON value."""


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, always comes back aware in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite keeps it without zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[E], Generic[E]):
    """An enum kept as its value."""

    impl = String(32)
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | str | None, dialect: Dialect) -> str | None:
        """The value; a word that is not one of the enum's raises ValueError."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """The enum."""
        return None if value is None else self.kind(value)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """Compare with the enum's text."""
        return self


class TenThousandths(TypeDecorator[Decimal]):
    """A number with up to four places, kept whole: SQLite knows no decimals."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """As a whole number of ten-thousandths; ValueError where it has more places."""
        if value is None:
            return None
        kept = value.scaleb(4)
        if kept != kept.to_integral_value():
            raise ValueError("more than four places")
        return int(kept)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """With its four places."""
        return None if value is None else Decimal(value).scaleb(-4)
