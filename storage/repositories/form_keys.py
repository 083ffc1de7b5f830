"""One-time keys of forms: a repeat of a submission gets the result of the first."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from storage.models import FormKeyRow
from storage.unit import Unit

_INSERTS = {
    "sqlite": sqlite.insert(FormKeyRow).on_conflict_do_nothing().returning(FormKeyRow.key),
    "postgresql": postgresql.insert(FormKeyRow).on_conflict_do_nothing().returning(FormKeyRow.key),
}


def claim(unit: Unit, key: str, staff_id: int, result: str, now: datetime) -> bool:
    """Use a key, remembering where its result is to be seen; False where it has been used."""
    connection = unit.connection
    values = {"key": key, "staff_id": staff_id, "result": result, "at": now}
    return connection.execute(_INSERTS[connection.dialect.name], values).scalar_one_or_none() is not None


def result(unit: Unit, key: str, staff_id: int) -> str | None:
    """Where the first submission with this key led its sender."""
    statement = select(FormKeyRow.result).where(FormKeyRow.key == key, FormKeyRow.staff_id == staff_id)
    return unit.session.scalars(statement).one_or_none()
