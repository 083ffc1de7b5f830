"""What all tables share."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""Of a table whose rows are removed and whose ids the audit trail names: SQLite would give the last id out anew."""


class Base(DeclarativeBase):
    """Root of the models; every constraint has a predictable name."""

    metadata = MetaData(naming_convention=NAMES)
