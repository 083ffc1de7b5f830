"""Named mappings for a kind of table: their column to our field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import Refused
from services import audit
from services.audit import Deed
from services.staff import demand
from services.tables.headings import NOTHING, folded
from services.tables.run import Noun
from storage.repositories import imports as rows
from storage.repositories.holds import Matter, hold
from storage.repositories.imports import Kept
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST_NAME = 80


@dataclass(frozen=True)
class Mappings:
    """The mappings of one kind of table."""

    noun: Noun

    def keep(self, unit: Unit, staff: Staff, name: str, pairs: Sequence[str], now: datetime) -> dict[str, str]:
        """Keep `column=field` pairs under a name; Refused where one is none, or a field or a column stands twice."""
        demand(staff, self.noun.action)
        if not 0 < len(name) <= LONGEST_NAME:
            raise Refused("mapping_name", most=LONGEST_NAME)
        found = _columns(pairs, self.noun.fields)
        hold(unit, Matter.IMPORTS)
        rows.keep_mapping(unit, Kept(self.noun.kind, name, found), staff.id, now)
        subject = f"{self.noun.kind}_mapping:{name}"
        audit.record(unit, Deed("client_mapping.set", subject, now, staff.id, {"columns": len(found)}))
        return found

    def named(self, unit: Unit, staff: Staff, name: str) -> dict[str, str]:
        """The columns of a mapping; Refused where there is none."""
        demand(staff, self.noun.action)
        found = rows.mapping(unit, self.noun.kind, name)
        if found is None:
            raise Refused("mapping_unknown", name=name)
        return found

    def listed(self, unit: Unit, staff: Staff) -> list[str]:
        """The names of all mappings."""
        demand(staff, self.noun.action)
        return rows.mappings(unit, self.noun.kind)


def _columns(pairs: Sequence[str], fields: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        column, _, field = pair.rpartition("=")
        if not folded(column) or field not in (*fields, NOTHING):
            raise Refused("mapping_pair", pair=pair, fields=", ".join(fields))
        if (field != NOTHING and field in found.values()) or folded(column) in map(folded, found):
            raise Refused("mapping_twice", pair=pair)
        found[column] = field
    return found
