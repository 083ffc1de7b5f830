"""The audit trail: every deed of staff, and what the service did to somebody's rights."""

from storage.repositories import audit as rows
from storage.repositories.audit import Deed, Detail
from storage.unit import Unit

__all__ = ["Deed", "Detail", "record"]


def record(unit: Unit, *deeds: Deed) -> None:
    """Write deeds in the transaction of the deeds."""
    rows.add(unit, *deeds)
