"""The key of each client: made when it is first needed, destroyed once, never made again."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, text, update

from storage.models import ClientKeyRow
from storage.unit import Unit
from storage.upserts import insertion
from storage.vault import fresh_key

KEY = "client_keys.wrapped"
"""Place under which keys are wrapped; each has the client's id behind it, so that none opens another's."""


def of(unit: Unit, client_id: int, at: datetime) -> bytes | None:
    """The client's key; None where it was destroyed."""
    unit.flush()
    if (found := unit.session.get(ClientKeyRow, client_id)) is None:
        wrapped = unit.vault.seal_bytes(_place(client_id), fresh_key())
        made = insertion(unit, ClientKeyRow).values(client_id=client_id, wrapped=wrapped, made_at=at)
        unit.session.execute(made.on_conflict_do_nothing())
        found = unit.session.get_one(ClientKeyRow, client_id)
    return None if found.wrapped is None else unit.vault.open_bytes(_place(client_id), found.wrapped)


def held(unit: Unit, client_ids: Iterable[int]) -> Mapping[int, bytes]:
    """The keys of those clients that have one."""
    wanted = set(client_ids)
    if not wanted:
        return {}
    columns = select(ClientKeyRow.client_id, ClientKeyRow.wrapped)
    rows = unit.session.execute(columns.where(ClientKeyRow.client_id.in_(wanted), ClientKeyRow.wrapped.is_not(None)))
    return {row[0]: unit.vault.open_bytes(_place(row[0]), row[1]) for row in rows if row[1]}


def destroy(unit: Unit, client_id: int, at: datetime) -> None:
    """Take the key away for good; on SQLite its bytes are overwritten in the file, not only let go."""
    of(unit, client_id, at)
    on_sqlite = unit.connection.dialect.name == "sqlite"
    if on_sqlite:
        unit.connection.execute(text("PRAGMA secure_delete=ON"))
    gone = update(ClientKeyRow).where(ClientKeyRow.client_id == client_id, ClientKeyRow.wrapped.is_not(None))
    unit.session.execute(gone.values(wrapped=None, destroyed_at=at))
    if on_sqlite:
        unit.connection.execute(text("PRAGMA secure_delete=OFF"))


def _place(client_id: int) -> str:
    return f"{KEY}:{client_id}"
