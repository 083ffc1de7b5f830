"""Reading and writing who answers in a conversation, and what is remembered between its turns."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, true, update

from bot.messages import Topic
from bot.vocabulary import Locale, Owner
from storage.models import ChatAccountRow, ConversationRow
from storage.repositories.listing import Whose
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Reserved:
    """Who answers first in a conversation that waits, and until when."""

    staff_id: int
    until: datetime


_FREE: dict[str, None] = {"reserved_for_id": None, "reserved_until": None}


def wait(unit: Unit, conversation_id: int, ticket_id: int, now: datetime) -> None:
    """Put a conversation into the queue."""
    _set(unit, conversation_id, owner=Owner.WAITING, ticket_id=ticket_id, waiting_since=now)


def reserve(unit: Unit, conversation_id: int, held: Reserved) -> None:
    """Let one person answer first."""
    _set(unit, conversation_id, reserved_for_id=held.staff_id, reserved_until=held.until)


def reserved(unit: Unit, conversation_id: int) -> Reserved | None:
    """Who answers first, and until when."""
    row = ConversationRow
    wanted = select(row.reserved_for_id, row.reserved_until).where(row.id == conversation_id)
    found = unit.session.execute(wanted).one_or_none()
    return None if found is None or found[0] is None or found[1] is None else Reserved(found[0], found[1])


def open_to_all(unit: Unit, conversation_id: int) -> None:
    """Let anybody answer."""
    _set(unit, conversation_id, **_FREE)


def lapse(unit: Unit, now: datetime) -> list[tuple[int, int | None]]:
    """Let anybody answer where the time of the first is over; conversations and their tickets."""
    row = ConversationRow
    over = update(row).where(row.reserved_until <= now, row.owner == Owner.WAITING).values(**_FREE)
    return sorted((one.id, one.ticket_id) for one in unit.session.execute(over.returning(row.id, row.ticket_id)))


def claim(unit: Unit, conversation_id: int, staff_id: int, now: datetime, first: Whose) -> bool:
    """Make a conversation one person's; False where it is another person's already.

    Nor where it is reserved, but for one of `first`; None: whosever turn it is.
    """
    row = ConversationRow
    turn = true() if first is None else or_(free_at(now), row.reserved_for_id.in_(sorted(first)))
    claimed = unit.session.execute(
        update(row)
        .where(row.id == conversation_id, turn, (row.owner != Owner.STAFF) | (row.staff_id == staff_id))
        .values(owner=Owner.STAFF, staff_id=staff_id, waiting_since=None, **_FREE)
        .returning(row.id)
    )
    return claimed.one_or_none() is not None


def release(unit: Unit, conversation_id: int, ticket_id: int | None) -> None:
    """Give a conversation back to the bot; `ticket_id` is the ticket that stays its current one."""
    _set(unit, conversation_id, owner=Owner.BOT, staff_id=None, ticket_id=ticket_id, waiting_since=None, **_FREE)


def set_ticket(unit: Unit, conversation_id: int, ticket_id: int) -> None:
    """Name the ticket that a conversation is about."""
    _set(unit, conversation_id, ticket_id=ticket_id)


def dwell(unit: Unit, conversation_id: int, topic: Topic | None, now: datetime) -> None:
    """Set what a conversation is about from now on; None: nothing, for what it was about before is past."""
    spoken = None if topic is None else asdict(topic)
    _set(unit, conversation_id, topic=spoken, topic_at=now if spoken else None, topic_turns=0)


def free_at(now: datetime) -> ColumnElement[bool]:
    """Conversations that are nobody's to answer first, or no longer."""
    return or_(ConversationRow.reserved_until.is_(None), ConversationRow.reserved_until <= now)


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
