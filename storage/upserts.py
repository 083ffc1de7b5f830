"""Inserting unless it is there already, on both databases."""

from sqlalchemy.dialects import postgresql, sqlite

from storage.models import Base
from storage.unit import Unit

Insert = postgresql.Insert | sqlite.Insert


def insertion(unit: Unit, model: type[Base]) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    on_sqlite = unit.session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(model) if on_sqlite else postgresql.insert(model)
