"""The audit trail: every deed of staff, and what the service did to somebody's rights."""

from storage.repositories import audit as rows
from storage.repositories.audit import Deed, Detail
from storage.unit import Unit

__all__ = ["Deed", "Detail", "record"]


def record(unit: Unit, deed: Deed) -> None:
    """Write a deed in the transaction of the deed."""
    rows.add(unit, deed)
