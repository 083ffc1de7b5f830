"""A dialogue as staff read it: what came in, what was said with its fate, and what staff did, in order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from bot.vocabulary import AnswerKind, DeliveryState, EntryKind, MessageKind, Purpose
from bot.vocabulary.knowledge import EditionState
from storage.models import DeliveryRow, EditionRow, InboxRow, MediaRow, StaffRow, TicketEntryRow, TicketRow
from storage.repositories import media
from storage.repositories.media import Media
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Heard:
    """Something the client sent."""

    id: int
    at: datetime
    kind: MessageKind
    text: str
    media: Media | None


@dataclass(frozen=True, slots=True)
class Said:
    """Something said to the client; `source` is the answer it came from, `author` the member of staff.

    `review_on`: of an answer that clients still get, the day on which somebody has to look at it again.
    """

    id: int
    at: datetime
    text: str
    purpose: Purpose
    text_key: str
    state: DeliveryState
    rule: str | None
    error: str | None
    source: str
    author: str | None
    options: tuple[str, ...]
    media: Media | None
    review_on: date | None


@dataclass(frozen=True, slots=True)
class Done:
    """A line of a ticket of this dialogue that was not said to the client."""

    id: int
    at: datetime
    kind: EntryKind
    text: str
    author: str | None


Line = Heard | Said | Done
RANK: dict[type[Line], int] = {Heard: 0, Done: 1, Said: 2}
"""What comes first at the same instant."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The place of a line in the order."""

    at: datetime
    rank: int
    id: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines, oldest first; `before` is the place to go on from towards older ones, if there are any."""

    lines: tuple[Line, ...]
    before: Mark | None


Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]

_ANSWERS = (AnswerKind.ANSWERED, AnswerKind.PICKED)
_PUBLISHED = EditionRow.state == EditionState.PUBLISHED
_INTERNAL = (EntryKind.NOTE, EntryKind.STATE, EntryKind.SYSTEM)


def mark(line: Line) -> Mark:
    """The place of a line."""
    return Mark(line.at, RANK[type(line)], line.id)


def stretch(unit: Unit, conversation_id: int, before: Mark | None = None, limit: int = 40) -> Stretch:
    """The newest lines, or the newest before a place."""
    found: list[Line] = [
        *_heard(unit, conversation_id, before, limit + 1),
        *_said(unit, conversation_id, before, limit + 1),
        *_done(unit, conversation_id, before, limit + 1),
    ]
    newest = sorted(found, key=_order, reverse=True)
    shown = newest[:limit]
    return Stretch(tuple(reversed(shown)), mark(shown[-1]) if len(newest) > limit else None)


def _order(line: Line) -> tuple[datetime, int, int]:
    return (line.at, RANK[type(line)], line.id)


def _heard(unit: Unit, conversation_id: int, before: Mark | None, limit: int) -> list[Heard]:
    row = InboxRow
    statement = (
        select(row.id, row.received_at, row.kind, row.text, *media.SHOWN)
        .outerjoin(MediaRow, MediaRow.inbox_id == row.id)
        .where(row.conversation_id == conversation_id, row.kind.in_([kind.value for kind in MessageKind]))
    )
    statement = statement.where(*earlier(before, row.received_at, row.id, RANK[Heard]))
    found = unit.session.execute(statement.order_by(row.received_at.desc(), row.id.desc()).limit(limit))
    return [Heard(number, at, MessageKind(kind), text, media.shown(*sent)) for number, at, kind, text, *sent in found]


def _said(unit: Unit, conversation_id: int, before: Mark | None, limit: int) -> list[Said]:
    row = DeliveryRow
    statement = (
        select(row, StaffRow.name, EditionRow.review_on, *media.SHOWN)
        .outerjoin(MediaRow, MediaRow.id == row.media_id)
        .outerjoin(StaffRow, StaffRow.id == row.staff_id)
        .outerjoin(EditionRow, and_(row.answer_kind.in_(_ANSWERS), EditionRow.entry_id == row.entry_id, _PUBLISHED))
        .where(row.conversation_id == conversation_id, *earlier(before, row.created_at, row.id, RANK[Said]))
    )
    found = unit.session.execute(statement.order_by(row.created_at.desc(), row.id.desc()).limit(limit))
    return [_delivery(delivery, name, review_on, media.shown(*sent)) for delivery, name, review_on, *sent in found]


def _delivery(row: DeliveryRow, author: str | None, review_on: date | None, sent: Media | None) -> Said:
    return Said(
        id=row.id,
        at=row.created_at,
        text=row.text or "",
        purpose=row.purpose,
        text_key=row.text_key,
        state=row.state,
        rule=row.rule,
        error=row.error,
        source=str(row.parameters.get("source") or ""),
        author=author,
        options=tuple(str(option["label"]) for option in row.options),
        media=sent,
        review_on=review_on,
    )


def _done(unit: Unit, conversation_id: int, before: Mark | None, limit: int) -> list[Done]:
    row = TicketEntryRow
    statement = (
        select(row.id, row.at, row.kind, row.text, StaffRow.name)
        .join(TicketRow, TicketRow.id == row.ticket_id)
        .outerjoin(StaffRow, StaffRow.id == row.staff_id)
        .where(TicketRow.conversation_id == conversation_id, row.kind.in_(_INTERNAL))
        .where(*earlier(before, row.at, row.id, RANK[Done]))
    )
    found = unit.session.execute(statement.order_by(row.at.desc(), row.id.desc()).limit(limit))
    return [Done(*item) for item in found]


def earlier(
    before: Mark | None, at: Moment, number: InstrumentedAttribute[int], rank: int
) -> Sequence[ColumnElement[bool]]:
    """The condition that a row of this rank stands before a place."""
    if before is None:
        return ()
    if rank < before.rank:
        return (at <= before.at,)
    if rank > before.rank:
        return (at < before.at,)
    return (or_(at < before.at, and_(at == before.at, number < before.id)),)
