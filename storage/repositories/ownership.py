"""Reading and writing who answers in a conversation, and what is remembered between its turns."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select, update

from bot.messages import Topic
from bot.vocabulary import Locale, Owner
from storage.models import ChatAccountRow, ConversationRow
from storage.unit import Unit


def wait(unit: Unit, conversation_id: int, ticket_id: int, now: datetime) -> None:
    """Put a conversation into the queue."""
    _set(unit, conversation_id, owner=Owner.WAITING, ticket_id=ticket_id, waiting_since=now)


def claim(unit: Unit, conversation_id: int, staff_id: int) -> bool:
    """Make a conversation one person's; False where it is another person's already."""
    row = ConversationRow
    claimed = unit.session.execute(
        update(row)
        .where(row.id == conversation_id, (row.owner != Owner.STAFF) | (row.staff_id == staff_id))
        .values(owner=Owner.STAFF, staff_id=staff_id, waiting_since=None)
        .returning(row.id)
    )
    return claimed.one_or_none() is not None


def release(unit: Unit, conversation_id: int, ticket_id: int | None) -> None:
    """Give a conversation back to the bot; `ticket_id` is the ticket that stays its current one."""
    _set(unit, conversation_id, owner=Owner.BOT, staff_id=None, ticket_id=ticket_id, waiting_since=None)


def set_ticket(unit: Unit, conversation_id: int, ticket_id: int) -> None:
    """Name the ticket that a conversation is about."""
    _set(unit, conversation_id, ticket_id=ticket_id)


def dwell(unit: Unit, conversation_id: int, topic: Topic | None, now: datetime) -> None:
    """Set what a conversation is about from now on; None: nothing, for what it was about before is past."""
    spoken = None if topic is None else asdict(topic)
    _set(unit, conversation_id, topic=spoken, topic_at=now if spoken else None, topic_turns=0)


def ahead_of(unit: Unit, conversation_id: int) -> int:
    """How many conversations have been waiting longer than this one."""
    row = ConversationRow
    own = select(row.waiting_since).where(row.id == conversation_id).scalar_subquery()
    return unit.session.scalars(
        select(func.count()).where(
            row.owner == Owner.WAITING,
            (row.waiting_since < own) | ((row.waiting_since == own) & (row.id < conversation_id)),
        )
    ).one()


def remember(unit: Unit, conversation_id: int, topic: str, value: object) -> None:
    """Keep something under a topic for the conversation's next turns; None forgets it."""
    row = unit.session.get_one(ConversationRow, conversation_id)
    dialog = {name: kept for name, kept in row.dialog.items() if name != topic}
    row.dialog = dialog if value is None else dialog | {topic: value}
    unit.flush()


def speak(unit: Unit, conversation_id: int, locale: Locale) -> None:
    """Speak another language in this conversation from now on."""
    row = unit.session.get_one(ConversationRow, conversation_id)
    row.locale = locale
    unit.session.get_one(ChatAccountRow, row.account_id).locale = locale
    unit.flush()


def _set(unit: Unit, conversation_id: int, **values: object) -> None:
    unit.session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(**values))
