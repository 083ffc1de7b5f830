"""Inserting many rows at once, each database in the way that costs it least."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from storage.models import Base
from storage.unit import Unit
from storage.upserts import Insert, insertion


def add_all(unit: Unit, model: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows; a column that one of them does not name gets its default, or stays empty."""
    names = dict.fromkeys(name for row in rows for name in row)
    empty = {name: _default(model, name) for name in names}
    put_all(unit, insertion(unit, model), model, [{**empty, **row} for row in rows])


def put_all(unit: Unit, wanted: Insert, model: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that name the same columns, as `wanted` says what happens where one is there already.

    PostgreSQL takes each column as one array: a statement for each row takes server and driver half as long again.
    """
    if not rows:
        return
    if unit.connection.dialect.name == "sqlite":
        unit.connection.execute(wanted, rows)
        return
    names = list(rows[0])
    arrays = [literal([row[name] for row in rows], ARRAY(_attribute(model, name).type)) for name in names]
    unit.connection.execute(wanted.from_select(names, select(*[func.unnest(array) for array in arrays])))


def _default(model: type[Base], name: str) -> object:
    default = _attribute(model, name).property.columns[0].default
    return default.arg if isinstance(default, ScalarElementColumnDefault) else None


def _attribute(model: type[Base], name: str) -> InstrumentedAttribute[Any]:
    found: InstrumentedAttribute[Any] = getattr(model, name)
    return found
