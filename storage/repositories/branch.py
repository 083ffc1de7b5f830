"""Reading and writing how the branch presents itself."""

from collections.abc import Mapping

from storage.models import BranchRow
from storage.unit import Unit

ONLY = 1


def facts(unit: Unit) -> Mapping[str, str] | None:
    """The branch's facts by name; None before the first seeding."""
    row = unit.session.get(BranchRow, ONLY)
    return None if row is None else dict(row.facts)


def demo(unit: Unit) -> bool:
    """Whether the demo branch was loaded."""
    row = unit.session.get(BranchRow, ONLY)
    return row is not None and row.demo


def save(unit: Unit, facts: Mapping[str, str], *, demo: bool) -> None:
    """Write the branch's facts over what was there."""
    unit.session.merge(BranchRow(id=ONLY, facts=dict(facts), demo=demo))
    unit.flush()
