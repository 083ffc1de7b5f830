"""The trained ranker of what is published: one is kept, by the digest of all that it was made from."""

from sqlalchemy import delete, select

from storage.models import RankerRow
from storage.unit import Unit
from storage.upserts import insertion


def known(unit: Unit, digest: bytes) -> bytes | None:
    """The ranker of a digest."""
    data = unit.session.scalars(select(RankerRow.data).where(RankerRow.digest == digest)).one_or_none()
    if data is not None and unit.connection.dialect.name == "sqlite":
        # The pages of so large a value would stay in the connection's cache.
        unit.connection.exec_driver_sql("PRAGMA shrink_memory")
    return data


def has(unit: Unit, digest: bytes) -> bool:
    """Whether the ranker of a digest is kept."""
    found = select(RankerRow.digest).where(RankerRow.digest == digest)
    return unit.session.scalars(found).one_or_none() is not None


def keep(unit: Unit, digest: bytes, data: bytes) -> None:
    """Keep a ranker in place of any other; another process may have been first."""
    unit.session.execute(delete(RankerRow).where(RankerRow.digest != digest))
    unit.session.execute(insertion(unit, RankerRow).values(digest=digest, data=data).on_conflict_do_nothing())
