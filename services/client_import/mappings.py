"""Named mappings: their column to our field."""

from collections.abc import Sequence
from datetime import datetime

from bot.errors import Refused
from bot.vocabulary import Action
from services import audit
from services.audit import Deed
from services.client_import.columns import Field, folded
from services.staff import demand
from storage.repositories import client_imports as rows
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST_NAME = 80


def keep(unit: Unit, staff: Staff, name: str, pairs: Sequence[str], now: datetime) -> dict[str, str]:
    """Keep `column=field` pairs under a name; Refused where one is none, or a field or a column stands twice."""
    demand(staff, Action.IMPORT_CLIENTS)
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused("mapping_name", most=LONGEST_NAME)
    found: dict[str, str] = {}
    for pair in pairs:
        column, _, field = pair.rpartition("=")
        if not folded(column) or field not in list(Field):
            raise Refused("mapping_pair", pair=pair, fields=", ".join(Field))
        if field in found.values() or folded(column) in map(folded, found):
            raise Refused("mapping_twice", pair=pair)
        found[column] = field
    rows.keep_mapping(unit, name, found, staff.id, now)
    audit.record(unit, Deed("client_mapping.set", f"client_mapping:{name}", now, staff.id, {"columns": len(found)}))
    return found


def named(unit: Unit, staff: Staff, name: str) -> dict[str, str]:
    """The columns of a mapping; Refused where there is none."""
    demand(staff, Action.IMPORT_CLIENTS)
    found = rows.mapping(unit, name)
    if found is None:
        raise Refused("mapping_unknown", name=name)
    return found


def listed(unit: Unit, staff: Staff) -> list[str]:
    """The names of all mappings."""
    demand(staff, Action.IMPORT_CLIENTS)
    return rows.mappings(unit)
