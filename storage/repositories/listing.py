"""What lists for staff have alike: pages by moment and number, rows of one's own, sealed fields in clear."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from storage.models import ClientRow
from storage.unit import Unit

Place = tuple[datetime, int]
"""Where a page ended: the moment that the list is sorted by, and the row's number."""

Whose = frozenset[int] | None
"""Ids of the members of staff whose clients and work alone are meant; None: everybody's."""


def beyond(
    moment: SQLColumnExpression[datetime],
    number: InstrumentedAttribute[int],
    place: Place | None,
    *,
    backwards: bool = False,
) -> Sequence[ColumnElement[bool]]:
    """The condition for the next page; `backwards` for a list whose latest comes first."""
    if place is None:
        return ()
    at, last = place
    further = (moment < at, number < last) if backwards else (moment > at, number > last)
    return (or_(further[0], and_(moment == at, further[1])),)


def own(worker: InstrumentedAttribute[int | None], whose: Whose) -> Sequence[ColumnElement[bool]]:
    """Rows that one of them works on, or of clients that are theirs."""
    return () if whose is None else (or_(worker.in_(sorted(whose)), *kept_by(whose)),)


def kept_by(whose: Whose) -> Sequence[ColumnElement[bool]]:
    """Clients that are theirs: whom they manage, or advise."""
    if whose is None:
        return ()
    theirs = sorted(whose)
    return (or_(ClientRow.manager_id.in_(theirs), ClientRow.adviser_id.in_(theirs)),)


def opened(unit: Unit, place: str, sealed: bytes | None) -> str | None:
    """A sealed field in clear; None where there is none."""
    return unit.vault.open(place, sealed) if sealed else None
