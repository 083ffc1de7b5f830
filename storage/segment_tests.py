"""What a condition may ask beside the columns of a client: chats, consents, complaints, messages, holdings, the age."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, exists, func, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from bot.clock import BRANCH_ZONE
from bot.vocabulary import BETWEEN_CLASSES, TicketKind
from bot.vocabulary.delivery import DIALOGUE
from bot.vocabulary.tickets import CLOSED
from storage.models import (
    ChatAccountRow,
    ChatDayRow,
    ClientClassRow,
    ClientFiguresRow,
    ClientInterestRow,
    ClientRow,
    ClientTagRow,
    ConsentRow,
    DeliveryRow,
    HoldingRow,
    InstrumentRow,
    LessonCompletionRow,
    TicketRow,
    TradeRow,
)
from storage.repositories.engagement import window
from storage.repositories.facts import OUT

INVITATION = "event_invitation"
"""The text that invites a client to an event."""

Clause = ColumnElement[bool]
Ends = tuple[Any, Any]
"""The lowest and the highest value that pass; None where there is no such end."""

_NONE = Decimal(0)
TEN_THOUSAND_YUAN = 1_000_000
"""In fen."""


def between(column: SQLColumnExpression[Any], ends: Ends) -> Clause:
    """Known, and within the ends, which are included."""
    return and_(column.is_not(None), _within(column, ends))


def _within(column: SQLColumnExpression[Any], ends: Ends) -> Clause:
    low, high = ends
    found: Clause = true() if low is None else column >= low
    return found if high is None else and_(found, column <= high)


def agrees(purpose: str) -> Clause:
    """The client's consent to a purpose stands."""
    row = ConsentRow
    return exists().where(row.client_id == ClientRow.id, row.purpose == purpose, row.current, row.granted)


def birthday_known() -> Clause:
    """Day, month and year are on record."""
    return and_(*[part.is_not(None) for part in (ClientRow.birth_year, ClientRow.birth_month, ClientRow.birth_day)])


def age(today: date) -> ColumnElement[int | None]:
    """Full years as the gate counts them; NULL where the birthday is not known."""
    month, day = ClientRow.birth_month, ClientRow.birth_day
    ahead = or_(month > today.month, and_(month == today.month, day > today.day))
    return today.year - ClientRow.birth_year - case((ahead, 1), else_=0)


def _tagged(tag: str) -> Clause:
    return exists().where(ClientTagRow.client_id == ClientRow.id, ClientTagRow.tag == tag)


def _reads_about(subject: str) -> Clause:
    return exists().where(ClientInterestRow.client_id == ClientRow.id, ClientInterestRow.interest == subject)


def _chats() -> Clause:
    return and_(ChatAccountRow.client_id == ClientRow.id, ChatAccountRow.gone_at.is_(None))


def _reached_on(channel: str) -> Clause:
    return exists().where(_chats(), ChatAccountRow.channel == channel)


def _complains() -> Clause:
    row = TicketRow
    return and_(row.client_id == ClientRow.id, row.kind == TicketKind.COMPLAINT, row.state.not_in(list(CLOSED)))


def _complains_at(level: str) -> Clause:
    return exists().where(_complains(), TicketRow.level == level)


def _assessed(today: date) -> Clause:
    level, until = ClientRow.risk_level, ClientRow.risk_valid_until
    return and_(level.is_not(None), until.is_not(None), until >= today)


def _wrote(since: date | None) -> Clause:
    at = ChatAccountRow.last_inbound_at
    return exists().where(ChatAccountRow.client_id == ClientRow.id, at.is_not(None), _from(at, since))


def _told(since: date | None) -> Clause:
    return exists().where(_went_out(since), DeliveryRow.purpose.not_in(list(DIALOGUE)))


def _invited(since: date | None) -> Clause:
    return exists().where(_went_out(since), DeliveryRow.text_key == INVITATION)


def _traded(since: date | None) -> Clause:
    row = TradeRow
    return exists().where(row.client_id == ClientRow.id, true() if since is None else row.on >= since)


def _holds(code: str) -> Clause:
    row = HoldingRow
    meant = select(InstrumentRow.id).where(InstrumentRow.code == code).scalar_subquery()
    return exists().where(row.client_id == ClientRow.id, row.current, row.instrument_id == meant, row.quantity > _NONE)


def _holds_class(kind: str) -> Clause:
    row = ClientClassRow
    return exists().where(row.client_id == ClientRow.id, row.asset_class == kind)


def _prefers(kind: str) -> Clause:
    several = literal(BETWEEN_CLASSES) + ClientRow.prefers + BETWEEN_CLASSES
    return and_(ClientRow.prefers.is_not(None), several.contains(f"{BETWEEN_CLASSES}{kind}{BETWEEN_CLASSES}"))


def _learned(lesson: str) -> Clause:
    row = LessonCompletionRow
    return exists().where(row.client_id == ClientRow.id, row.lesson == lesson)


def _finished(course: str) -> Clause:
    raise ValueError(f"course {course!r} was not looked up")


def _learned_since(since: date | None) -> Clause:
    row = LessonCompletionRow
    return exists().where(row.client_id == ClientRow.id, _from(row.completed_at, since))


def _learned_so_many(ends: Ends, _today: date) -> Clause:
    lessons = select(func.count()).where(LessonCompletionRow.client_id == ClientRow.id)
    return _within(lessons.scalar_subquery(), ends)


def _aged(ends: Ends, today: date) -> Clause:
    return and_(birthday_known(), between(age(today), ends))


def _figure(column: SQLColumnExpression[Any]) -> Callable[[Ends, date], Clause]:
    """A figure of the client's newest day."""

    def passes(ends: Ends, _today: date) -> Clause:
        return exists().where(ClientFiguresRow.client_id == ClientRow.id, between(column, ends))

    return passes


def _engaged(ends: Ends, today: date) -> Clause:
    row = ChatDayRow
    days = select(func.count()).where(row.client_id == ClientRow.id, row.on.between(*window(today)))
    return _within(days.scalar_subquery(), ends)


def _went_out(since: date | None) -> Clause:
    row = DeliveryRow
    began = row.claimed_at.is_not(None)
    return and_(row.client_id == ClientRow.id, row.state.in_(OUT), began, _from(row.claimed_at, since))


def _from(
    column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None], since: date | None
) -> Clause:
    """At or after the beginning of a day of the branch."""
    if since is None:
        return true()
    return column >= datetime.combine(since, time(0), BRANCH_ZONE)


SETS: Mapping[str, Callable[[str], Clause]] = {
    "tag": _tagged,
    "consent": agrees,
    "interest": _reads_about,
    "channel": _reached_on,
    "complaint_level": _complains_at,
    "lesson": _learned,
    "course": _finished,
    "holds": _holds,
    "holds_class": _holds_class,
    "prefers": _prefers,
}
FLAGS: Mapping[str, Callable[[date], Clause]] = {
    "assessed": _assessed,
    "opted_out": lambda _today: ClientRow.opted_out_at.is_not(None),
    "reachable": lambda _today: exists().where(_chats()),
    "open_complaint": lambda _today: exists().where(_complains()),
}
INSTANTS: Mapping[str, Callable[[date | None], Clause]] = {
    "last_chat": _wrote,
    "last_contact": _told,
    "last_invitation": _invited,
    "last_trade": _traded,
    "last_lesson": _learned_since,
}
"""Whether it happened on a day or later; without a day, whether it ever happened."""

NUMBERS: Mapping[str, Callable[[Ends, date], Clause]] = {
    "age": _aged,
    "assets": _figure(ClientFiguresRow.mean_fen // TEN_THOUSAND_YUAN),
    "concentration": _figure(ClientFiguresRow.concentration),
    "drawdown": _figure(ClientFiguresRow.drawdown),
    "turnover": _figure(ClientFiguresRow.turnover),
    "margin_ratio": _figure(ClientFiguresRow.margin_ratio),
    "engagement": _engaged,
    "lessons": _learned_so_many,
}
"""Whether a number is known and within its ends."""
