"""Reads all of one person's rows for giving them out: sealed columns open, what concerns staff left out."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import inspect, select

from storage.models import Base, ClientRow, StaffRow
from storage.repositories.client_particulars import SEALED
from storage.repositories.person_parts import PARTS, Ids, Part
from storage.unit import Unit

Value = str | int | float | bool | None | list[Any] | dict[str, Any]
Record = Mapping[str, Value]
"""One row in clear, by column."""

_HIDDEN = frozenset({"id", "public_id", "fictional"})


def profiles(unit: Unit, ids: Ids) -> list[Record]:
    """The clients' own rows, with the name of who looks after them: that one they know."""
    managed = select(ClientRow, StaffRow.name).outerjoin(StaffRow, StaffRow.id == ClientRow.manager_id)
    rows = unit.session.execute(managed.where(ClientRow.id.in_(ids)).order_by(ClientRow.id))
    places = {f"{name}_sealed": place for name, place in SEALED.items()}
    return [{**_record(unit, row, places, _HIDDEN), "manager": manager} for row, manager in rows]


def rows(unit: Unit, part: Part, ids: Ids) -> list[Record]:
    """The rows of one table, the oldest first."""
    keys = inspect(part.model).primary_key
    theirs = select(part.model, *part.told.values()).where(part.own(ids), part.given)
    found = unit.session.execute(theirs.order_by(*keys))
    return [
        {**_record(unit, row, part.sealed, part.hidden), **dict(zip(part.told, map(_plain, told), strict=True))}
        for row, *told in found
    ]


def everything(unit: Unit, ids: Ids) -> dict[str, list[Record]]:
    """All of it by table."""
    return {"clients": profiles(unit, ids)} | {part.name: rows(unit, part, ids) for part in PARTS}


def _record(unit: Unit, row: Base, sealed: Mapping[str, str], hidden: frozenset[str]) -> Record:
    found: dict[str, Value] = {}
    for column in inspect(type(row)).columns:
        if column.name in hidden or any(key.column.table.name == "staff" for key in column.foreign_keys):
            continue
        value = getattr(row, column.name)
        if column.name in sealed:
            found[column.name.removesuffix("_sealed")] = unit.vault.open(sealed[column.name], value) if value else None
        elif not isinstance(value, bytes):
            found[column.name] = _plain(value)
    return found


def _plain(value: Any) -> Value:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    plain: Value = json.loads(json.dumps(value))
    return plain
