"""On how many days a client wrote to us, noted day by day, and when we last wrote to them on our own account."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, insert, literal, select, update

from bot.clock import BRANCH_ZONE
from bot.vocabulary import MessageKind
from bot.vocabulary.delivery import DIALOGUE
from storage.models import (
    ChatAccountRow,
    ChatDayCountRow,
    ChatDayRow,
    ConversationRow,
    DeliveryRow,
    InboxRow,
)
from storage.repositories.facts import OUT
from storage.unit import Unit
from storage.upserts import insertion

DAYS = 30
"""Engagement looks back so far."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """Days of the last 30 on which a client wrote, and when each side last did."""

    days: int
    wrote_at: datetime | None
    contacted_at: datetime | None


def uncounted(unit: Unit, today: date) -> date | None:
    """The first day before today, of those that engagement looks at, whose writers were not noted yet."""
    first = today - timedelta(days=DAYS)
    row = ChatDayCountRow
    there = set(unit.session.scalars(select(row.on).where(row.on >= first)))
    return next((on for back in range(DAYS) if (on := first + timedelta(days=back)) not in there), None)


def count(unit: Unit, on: date) -> None:
    """Note who wrote on a day; nothing where somebody else has noted it meanwhile."""
    row, begin = ChatDayCountRow, datetime.combine(on, time(0), BRANCH_ZONE)
    first = insertion(unit, row).values(on=on, clients=0).on_conflict_do_nothing().returning(row.on)
    if unit.session.scalars(first).one_or_none() is None:
        return
    inbox, chat, talk = InboxRow, ChatAccountRow, ConversationRow
    wrote = (
        select(chat.client_id, literal(on))
        .join(talk, talk.account_id == chat.id)
        .join(inbox, inbox.conversation_id == talk.id)
        .where(talk.last_inbound_at >= begin, chat.client_id.is_not(None), inbox.kind.in_(list(MessageKind)))
        .where(inbox.received_at >= begin, inbox.received_at < begin + timedelta(days=1))
        .distinct()
    )
    unit.session.execute(insert(ChatDayRow).from_select(["client_id", "on"], wrote))
    number = select(func.count()).where(ChatDayRow.on == on).scalar_subquery()
    unit.session.execute(update(row).where(row.on == on).values(clients=number))


def of(unit: Unit, client_id: int, today: date) -> Engagement:
    """The engagement of one client; today does not count yet."""
    row, sent = ChatDayRow, DeliveryRow
    days = select(func.count()).where(row.client_id == client_id, row.on.between(*window(today)))
    wrote = select(func.max(ChatAccountRow.last_inbound_at)).where(ChatAccountRow.client_id == client_id)
    went_out = (sent.client_id == client_id, sent.state.in_(OUT), sent.purpose.not_in(list(DIALOGUE)))
    contacted = select(func.max(sent.claimed_at)).where(*went_out)
    return Engagement(unit.session.scalars(days).one(), unit.session.scalar(wrote), unit.session.scalar(contacted))


def window(today: date) -> tuple[date, date]:
    """The days that engagement counts, both included: the last whole ones."""
    return today - timedelta(days=DAYS), today - timedelta(days=1)
