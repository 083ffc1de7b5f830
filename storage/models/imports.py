"""Imports of tables as they ran, and the columns of other houses' tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.vocabulary import Extent, TableKind, UploadState
from storage.models.base import NEVER_AGAIN, Base
from storage.types import Document, EnumText, Identifier, UTCDateTime


class ImportRow(Base):
    """One import; without `ended_at` it runs or broke off after `line`. The digest is of file, kind and mapping."""

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    kind: Mapped[TableKind] = mapped_column(EnumText(TableKind))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    line: Mapped[int] = mapped_column(Integer, default=0)
    new: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    unchanged: Mapped[int] = mapped_column(Integer, default=0)
    rejected: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ImportMappingRow(Base):
    """A named mapping for one kind of table: their column to the name of our field."""

    __tablename__ = "import_mappings"

    kind: Mapped[TableKind] = mapped_column(EnumText(TableKind), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(Document)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ImportFileRow(Base):
    """A table that staff sent in on the console; its bytes lie sealed in the store of media until they were taken.

    `about` holds what may be personal: the file's name and its first line. `columns`, `faults` (line, field and reason
    of the first bad rows) and `refusal` are not. `missing`: clients with holdings whom it does not name. Whoever works
    on it holds it until `held_until`.
    """

    __tablename__ = "import_files"

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    kind: Mapped[TableKind] = mapped_column(EnumText(TableKind))
    state: Mapped[UploadState] = mapped_column(EnumText(UploadState), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    about_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key: Mapped[str | None] = mapped_column(String(32))
    rejected_key: Mapped[str | None] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(Integer)
    rows: Mapped[int] = mapped_column(Integer)
    columns: Mapped[dict[str, Any]] = mapped_column(Document)
    extent: Mapped[Extent | None] = mapped_column(EnumText(Extent))
    missing: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[dict[str, Any]] = mapped_column(Document)
    faults: Mapped[list[Any]] = mapped_column(Document)
    refusal: Mapped[dict[str, Any] | None] = mapped_column(Document)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("imports.id"), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    held_until: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = NEVER_AGAIN
