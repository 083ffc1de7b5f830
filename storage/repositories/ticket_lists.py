"""Lists of tickets for staff, the next deadline first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import aliased

from bot.vocabulary import ChannelKind, Level, TicketKind, TicketSource, TicketState
from bot.vocabulary.tickets import CLOSED
from storage.models import ChatAccountRow, ClientRow, ConversationRow, StaffRow, TicketRow
from storage.repositories.clients import NAME, PHONE
from storage.repositories.listing import Place, Whose, beyond, opened, own
from storage.segments import THERE
from storage.unit import Unit

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Sorts tickets without a deadline last."""


class View(StrEnum):
    """Which tickets a list holds."""

    MINE = "mine"
    NEW = "new"
    TODAY = "today"
    OVERDUE = "overdue"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list: its view, who looks and how far they may see, and the instants that `today` and `overdue` need."""

    view: View
    staff_id: int
    whose: Whose
    now: datetime
    tomorrow: datetime
    after: Place | None = None
    limit: int = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One ticket of a list; `name` and `phone` are the client's in clear."""

    id: int
    number: str
    kind: TicketKind
    level: Level
    state: TicketState
    summary: str
    category: str | None
    source: TicketSource
    channel: ChannelKind | None
    conversation_id: int | None
    client_id: int | None
    manager_id: int | None
    adviser_id: int | None
    name: str | None
    phone: str | None
    assignee_id: int | None
    assignee: str | None
    first_owner: str | None
    next_due_at: datetime | None
    contact_due_at: datetime | None
    decide_due_at: datetime | None
    resolve_due_at: datetime | None
    contacted_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    version: int

    @property
    def keepers(self) -> tuple[int | None, int | None]:
        """Whose client it is about: who manages them, and who advises them."""
        return self.manager_id, self.adviser_id


_due = func.coalesce(TicketRow.next_due_at, NEVER)
_FIRST = aliased(StaffRow)
_SELECT: Select[*tuple[Any, ...]] = (
    select(
        TicketRow,
        ChatAccountRow.channel,
        ClientRow.name_sealed,
        ClientRow.phone_sealed,
        ClientRow.manager_id,
        ClientRow.adviser_id,
        StaffRow.name.label("assignee"),
        _FIRST.name.label("first_owner"),
    )
    .outerjoin(ConversationRow, ConversationRow.id == TicketRow.conversation_id)
    .outerjoin(ChatAccountRow, ChatAccountRow.id == ConversationRow.account_id)
    .outerjoin(ClientRow, ClientRow.id == TicketRow.client_id)
    .outerjoin(StaffRow, StaffRow.id == TicketRow.assignee_id)
    .outerjoin(_FIRST, _FIRST.id == TicketRow.first_owner_id)
)


def page(unit: Unit, wanted: Wanted) -> list[Item]:
    """One page, and one row more than `limit` where there are more."""
    statement = _SELECT.where(*_conditions(wanted), *beyond(_due, TicketRow.id, wanted.after))
    rows = unit.session.execute(statement.order_by(_due, TicketRow.id).limit(wanted.limit + 1))
    return [_item(unit, row) for row in rows]


def counts(unit: Unit, wanted: Wanted, views: Iterable[View] = View) -> dict[View, int]:
    """How many tickets each of these views holds; `wanted.view` does not matter."""
    found = {}
    for view in views:
        same = Wanted(view, wanted.staff_id, wanted.whose, wanted.now, wanted.tomorrow)
        found[view] = unit.session.scalars(
            select(func.count())
            .select_from(TicketRow)
            .outerjoin(ClientRow, ClientRow.id == TicketRow.client_id)
            .where(*_conditions(same))
        ).one()
    return found


def by_number(unit: Unit, number: str) -> Item | None:
    """The ticket with this number; what is kept of an erased client is not shown."""
    row = unit.session.execute(_SELECT.where(THERE, TicketRow.number == number)).one_or_none()
    return None if row is None else _item(unit, row)


def of_conversation(unit: Unit, conversation_id: int, client_id: int | None, limit: int = 5) -> list[Item]:
    """The newest tickets that came from a conversation: those of whoever it is now, and of nobody known."""
    statement = _SELECT.where(TicketRow.conversation_id == conversation_id)
    theirs = statement.where(or_(TicketRow.client_id.is_(None), TicketRow.client_id == client_id))
    rows = unit.session.execute(theirs.order_by(TicketRow.id.desc()).limit(limit))
    return [_item(unit, row) for row in rows]


def _conditions(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    row, opened = TicketRow, TicketRow.state.not_in(CLOSED)
    views: dict[View, tuple[ColumnElement[bool], ...]] = {
        View.MINE: (opened, row.assignee_id == wanted.staff_id),
        View.NEW: (opened, row.assignee_id.is_(None)),
        View.TODAY: (opened, row.next_due_at < wanted.tomorrow),
        View.OVERDUE: (opened, row.next_due_at < wanted.now),
        View.ALL: (),
    }
    return (THERE, *views[wanted.view], *own(row.assignee_id, wanted.whose))


def _item(unit: Unit, row: Row[*tuple[Any, ...]]) -> Item:
    ticket: TicketRow = row.TicketRow
    return Item(
        id=ticket.id,
        number=ticket.number,
        kind=ticket.kind,
        level=ticket.level,
        state=ticket.state,
        summary=ticket.summary,
        category=ticket.category,
        source=ticket.source,
        channel=ChannelKind(row.channel) if row.channel else None,
        conversation_id=ticket.conversation_id,
        client_id=ticket.client_id,
        manager_id=row.manager_id,
        adviser_id=row.adviser_id,
        name=opened(unit, NAME, row.name_sealed),
        phone=opened(unit, PHONE, row.phone_sealed),
        assignee_id=ticket.assignee_id,
        assignee=row.assignee,
        first_owner=row.first_owner,
        next_due_at=ticket.next_due_at,
        contact_due_at=ticket.contact_due_at,
        decide_due_at=ticket.decide_due_at,
        resolve_due_at=ticket.resolve_due_at,
        contacted_at=ticket.contacted_at,
        opened_at=ticket.opened_at,
        closed_at=ticket.closed_at,
        version=ticket.version,
    )
