"""What lists for staff have alike: pages by moment and number, rows of one's own, sealed fields in clear."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from storage.models import ClientRow
from storage.unit import Unit

Place = tuple[datetime, int]
"""Where a page ended: the moment that the list is sorted by, and the row's number."""


def beyond(
    moment: ColumnElement[datetime], number: InstrumentedAttribute[int], place: Place | None, *, backwards: bool = False
) -> Sequence[ColumnElement[bool]]:
    """The condition for the next page; `backwards` for a list whose latest comes first."""
    if place is None:
        return ()
    at, last = place
    further = (moment < at, number < last) if backwards else (moment > at, number > last)
    return (or_(further[0], and_(moment == at, further[1])),)


def own(worker: InstrumentedAttribute[int | None], staff_id: int) -> ColumnElement[bool]:
    """Rows that a member of staff works on, or of clients that are theirs."""
    return or_(worker == staff_id, ClientRow.manager_id == staff_id)


def opened(unit: Unit, place: str, sealed: bytes | None) -> str | None:
    """A sealed field in clear; None where there is none."""
    return unit.vault.open(place, sealed) if sealed else None
