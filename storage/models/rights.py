"""What the rights of the persons behind the records need: a key for each client."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base
from storage.types import UTCDateTime


class ClientKeyRow(Base):
    """The key under which the audit trail holds what it tells of one client, wrapped by the master key.

    Once it is destroyed the row stays without a key, so that none is made anew.
    """

    __tablename__ = "client_keys"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
