"""Writing the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.models import AuditRow
from storage.unit import Unit

Detail = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done: by whom (None: the client or the service itself), what, to which thing, and why."""

    action: str
    object: str
    at: datetime
    staff_id: int | None = None
    detail: Detail = field(default_factory=dict)
    reason: str | None = None


def add(unit: Unit, deed: Deed) -> None:
    """Write a deed."""
    unit.session.add(
        AuditRow(
            at=deed.at,
            staff_id=deed.staff_id,
            action=deed.action,
            object=deed.object,
            detail=dict(deed.detail),
            reason=deed.reason,
        )
    )
    unit.flush()
