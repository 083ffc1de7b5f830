"""Reading and writing what channel adapters keep between calls; values are sealed, for some are access tokens."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select

from storage.models import ChannelStateRow
from storage.unit import Unit
from storage.upserts import insertion

VALUE = "channel_state.value"
"""Place under which values are sealed."""

_LONG = timedelta(days=1)
"""Beyond it nobody else is about to write an expired row anew."""


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


def values(unit: Unit, scope: str, now: datetime, limit: int) -> list[str]:
    """The live values of a scope, the first to expire first."""
    row = ChannelStateRow
    statement = select(row.value).where(row.scope == scope, ~_expired(now)).order_by(row.expires_at, row.key)
    return [unit.vault.open(VALUE, base64.b64decode(one)) for one in unit.session.scalars(statement.limit(limit))]


def remove(unit: Unit, scope: str, keys: Sequence[str]) -> None:
    """Forget values of a scope."""
    own = (ChannelStateRow.scope == scope, ChannelStateRow.key.in_(keys))
    unit.session.execute(delete(ChannelStateRow).where(*own))


def put(unit: Unit, entry: Entry, now: datetime) -> None:
    """Set a value, whatever stands there; what expired long ago in its scope goes, so that the table stays small."""
    _upsert(unit, entry, None)
    if entry.expires_at is not None:
        old = delete(ChannelStateRow).where(ChannelStateRow.scope == entry.scope, _expired(now - _LONG))
        unit.session.execute(old)


def put_if_absent(unit: Unit, entry: Entry, now: datetime) -> bool:
    """Set a value unless a live one stands; True when it was set."""
    return _upsert(unit, entry, _expired(now))


def lease(unit: Unit, entry: Entry, now: datetime) -> bool:
    """Take a lease that is free, expired or the holder's own; True when the holder has it now."""
    return _upsert(unit, entry, or_(ChannelStateRow.holder == entry.holder, _expired(now)))


def release(unit: Unit, scope: str, key: str, holder: str) -> None:
    """Give a lease back; another holder's stays."""
    unit.session.execute(delete(ChannelStateRow).where(_of(scope, key), ChannelStateRow.holder == holder))


def _upsert(unit: Unit, entry: Entry, where: ColumnElement[bool] | None) -> bool:
    """One statement, so that two processes cannot both succeed; True when the row was written."""
    value = base64.b64encode(unit.vault.seal(VALUE, entry.value)).decode()
    columns = {"value": value, "holder": entry.holder, "expires_at": entry.expires_at}
    statement = insertion(unit, ChannelStateRow)
    written = (
        statement.values(scope=entry.scope, key=entry.key, **columns)
        .on_conflict_do_update(index_elements=["scope", "key"], set_=columns, where=where)
        .returning(ChannelStateRow.key)
    )
    return unit.session.scalar(written) is not None


def _of(scope: str, key: str) -> ColumnElement[bool]:
    return and_(ChannelStateRow.scope == scope, ChannelStateRow.key == key)


def _expired(now: datetime) -> ColumnElement[bool]:
    """False, never unknown, where no end is set."""
    return and_(ChannelStateRow.expires_at.is_not(None), ChannelStateRow.expires_at <= now)
