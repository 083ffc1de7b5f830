"""Reading and writing what channel adapters keep between calls; values are sealed, for some are access tokens."""

import base64
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.models import ChannelStateRow
from storage.unit import Unit

VALUE = "channel_state.value"
"""Place under which values are sealed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a value, or a lease when it has a holder."""

    scope: str
    key: str
    value: str = ""
    holder: str | None = None
    expires_at: datetime | None = None


def get(unit: Unit, scope: str, key: str, now: datetime) -> str | None:
    """The value unless it is absent or has expired."""
    statement = select(ChannelStateRow.value).where(_of(scope, key), ~_expired(now))
    sealed = unit.session.scalar(statement)
    return None if sealed is None else unit.vault.open(VALUE, base64.b64decode(sealed))


def put(unit: Unit, entry: Entry) -> None:
    """Set a value, whatever stands there."""
    _upsert(unit, entry, None)


def put_if_absent(unit: Unit, entry: Entry, now: datetime) -> bool:
    """Set a value unless a live one stands; True when it was set."""
    return _upsert(unit, entry, _expired(now))


def lease(unit: Unit, entry: Entry, now: datetime) -> bool:
    """Take a lease that is free, expired or the holder's own; True when the holder has it now."""
    return _upsert(unit, entry, or_(ChannelStateRow.holder == entry.holder, _expired(now)))


def release(unit: Unit, scope: str, key: str, holder: str) -> None:
    """Give a lease back; another holder's stays."""
    unit.session.execute(delete(ChannelStateRow).where(_of(scope, key), ChannelStateRow.holder == holder))


def remove_expired(unit: Unit, now: datetime) -> int:
    """Delete what has expired in every scope; returns how many rows."""
    statement = delete(ChannelStateRow).where(_expired(now)).returning(ChannelStateRow.key)
    return len(unit.session.scalars(statement).all())


def _upsert(unit: Unit, entry: Entry, where: ColumnElement[bool] | None) -> bool:
    """One statement, so that two processes cannot both succeed; True when the row was written."""
    value = base64.b64encode(unit.vault.seal(VALUE, entry.value)).decode()
    columns = {"value": value, "holder": entry.holder, "expires_at": entry.expires_at}
    statement = _insertion(unit)
    written = (
        statement.values(scope=entry.scope, key=entry.key, **columns)
        .on_conflict_do_update(index_elements=["scope", "key"], set_=columns, where=where)
        .returning(ChannelStateRow.key)
    )
    return unit.session.scalar(written) is not None


def _insertion(unit: Unit) -> sqlite.Insert | postgresql.Insert:
    on_sqlite = unit.session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(ChannelStateRow) if on_sqlite else postgresql.insert(ChannelStateRow)


def _of(scope: str, key: str) -> ColumnElement[bool]:
    return and_(ChannelStateRow.scope == scope, ChannelStateRow.key == key)


def _expired(now: datetime) -> ColumnElement[bool]:
    """False, never unknown, where no end is set."""
    return and_(ChannelStateRow.expires_at.is_not(None), ChannelStateRow.expires_at <= now)
