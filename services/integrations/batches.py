"""Rows of tables as other systems push them: by the checks of the tables, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Extent
from services import audit
from services.integrations.clients import By
from services.tables import run
from services.tables.headings import Mapped
from services.tables.run import Noun, Taken
from services.tables.sheets import Row
from storage.repositories import holdings as rows
from storage.unit import Unit

MOST = 200
"""Rows of one request."""


@dataclass(frozen=True, slots=True)
class _Push:
    """Rows of a request: of holdings they tell everything of the clients that they name, on their days."""

    at: datetime
    by: str
    mapping: Mapped = field(default_factory=dict)
    dry: bool = False
    extent: Extent = Extent.CLIENTS


def take(unit: Unit, by: By, noun: Noun, told: Sequence[Mapping[str, str]]) -> Taken:
    """Write the good rows, each a field by name; the bad ones come back by their place."""
    heading = Row(-1, noun.fields)
    table = [Row(place, tuple(one.get(name, "") for name in noun.fields)) for place, one in enumerate(told)]
    counts, rejected = run.at_once(unit, noun, _Push(by.at, by.integration.signed), [heading, *table])
    numbers = {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged}
    audit.record(unit, by.deed(f"{noun.kind}.push", "tables", rejected=counts.rejected, **numbers))
    return counts, rejected


def whole_day(unit: Unit, by: By, on: date) -> None:
    """Everything that the branch's clients hold on a day has been pushed; Refused for a day that is not over yet."""
    if on > branch_date(by.at):
        raise Refused("day_to_come")
    rows.tell_days(unit, [on])
    audit.record(unit, by.deed("holding.whole", f"day:{on}"))
