"""What a condition may ask beside the columns of a client: chats, consents, complaints, messages, the age."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, and_, case, exists, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from bot.clock import BRANCH_ZONE
from bot.vocabulary import TicketKind
from bot.vocabulary.delivery import DIALOGUE
from bot.vocabulary.tickets import CLOSED
from storage.models import (
    ChatAccountRow,
    ClientInterestRow,
    ClientRow,
    ClientTagRow,
    ConsentRow,
    DeliveryRow,
    TicketRow,
)
from storage.repositories.facts import OUT

INVITATION = "event_invitation"
"""The text that invites a client to an event."""

Clause = ColumnElement[bool]


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


def _went_out(since: date | None) -> Clause:
    row = DeliveryRow
    began = row.claimed_at.is_not(None)
    return and_(row.client_id == ClientRow.id, row.state.in_(OUT), began, _from(row.claimed_at, since))


def _from(column: InstrumentedAttribute[datetime | None], since: date | None) -> Clause:
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
}
"""Whether it happened on a day or later; without a day, whether it ever happened."""
