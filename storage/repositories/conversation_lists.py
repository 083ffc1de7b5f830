"""Lists of conversations for staff: the queue, one's own, the bot's, all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from bot.vocabulary import ChannelKind, DeliveryState, Level, MessageKind, Owner
from storage.models import ChatAccountRow, ClientRow, ConversationRow, DeliveryRow, InboxRow, StaffRow, TicketRow
from storage.repositories.clients import NAME
from storage.repositories.listing import Place, Whose, beyond, opened, own
from storage.repositories.ownership import free_at
from storage.segments import THERE
from storage.unit import Unit


class View(StrEnum):
    """Which conversations a list holds."""

    WAITING = "waiting"
    MINE = "mine"
    BOT = "bot"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list: its view, who looks, and whose conversations alone they may see.

    `every_turn`: the queue also holds what somebody else answers first at the moment.
    """

    view: View
    staff_id: int
    whose: Whose
    now: datetime
    every_turn: bool = False
    after: Place | None = None
    limit: int = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One conversation of a list; `name` is the client's in clear, None for a visitor.

    `reserved_for`: the name of who answers first, until `reserved_until`.
    """

    id: int
    channel: ChannelKind
    account: str
    address: str
    owner: Owner
    staff_name: str | None
    client_id: int | None
    name: str | None
    level: Level | None
    waiting_since: datetime | None
    at: datetime
    last_text: str = ""
    last_kind: MessageKind = MessageKind.TEXT
    said_last: bool = False
    reserved_for: str | None = None
    reserved_until: datetime | None = None


_AT = func.coalesce(ConversationRow.last_inbound_at, ConversationRow.created_at)
_FIRST = aliased(StaffRow)
_THEIRS = or_(TicketRow.client_id.is_(None), TicketRow.client_id == ChatAccountRow.client_id)
_WAITED = func.coalesce(ConversationRow.waiting_since, ConversationRow.created_at)


def page(unit: Unit, wanted: Wanted) -> list[Item]:
    """One page: the queue longest waiting first, every other list latest first; one row more than `limit` if any."""
    queue = wanted.view is View.WAITING
    moment, number = _WAITED if queue else _AT, ConversationRow.id
    further = beyond(moment, number, wanted.after, backwards=not queue)
    statement = _select(moment).where(*_conditions(wanted), *further)
    order = (moment, number) if queue else (moment.desc(), number.desc())
    rows = unit.session.execute(statement.order_by(*order).limit(wanted.limit + 1)).all()
    lasts = _lasts(unit, rows)
    return [_item(unit, row, lasts) for row in rows]


def of(unit: Unit, ids: Sequence[int]) -> list[Item]:
    """These conversations, latest first."""
    chosen = _select(_AT).where(ConversationRow.id.in_(ids))
    rows = unit.session.execute(chosen.order_by(_AT.desc(), ConversationRow.id.desc())).all()
    lasts = _lasts(unit, rows)
    return [_item(unit, row, lasts) for row in rows]


def counts(unit: Unit, wanted: Wanted, views: Iterable[View] = View) -> dict[View, int]:
    """How many conversations each of these views holds; `wanted.view` does not matter."""
    return {
        view: unit.session.scalars(
            select(func.count())
            .select_from(ConversationRow)
            .join(ChatAccountRow, ChatAccountRow.id == ConversationRow.account_id)
            .outerjoin(ClientRow, ClientRow.id == ChatAccountRow.client_id)
            .where(*_conditions(replace(wanted, view=view)))
        ).one()
        for view in views
    }


def one(unit: Unit, conversation_id: int) -> tuple[Item, tuple[int | None, int | None]] | None:
    """One conversation as a list shows it, with the client's manager and adviser; not what is kept of an erased one."""
    row = unit.session.execute(_select(_AT).where(THERE, ConversationRow.id == conversation_id)).one_or_none()
    return None if row is None else (_item(unit, row, {}), (row.manager_id, row.adviser_id))


def _select(moment: ColumnElement[datetime]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            ConversationRow.id,
            ConversationRow.owner,
            ConversationRow.waiting_since,
            moment.label("at"),
            ChatAccountRow.channel,
            ChatAccountRow.account,
            ChatAccountRow.address,
            ChatAccountRow.client_id,
            ClientRow.name_sealed,
            ClientRow.manager_id,
            ClientRow.adviser_id,
            StaffRow.name.label("staff_name"),
            ConversationRow.reserved_until,
            _FIRST.name.label("reserved_for"),
            TicketRow.level,
        )
        .join(ChatAccountRow, ChatAccountRow.id == ConversationRow.account_id)
        .outerjoin(ClientRow, ClientRow.id == ChatAccountRow.client_id)
        .outerjoin(StaffRow, StaffRow.id == ConversationRow.staff_id)
        .outerjoin(_FIRST, _FIRST.id == ConversationRow.reserved_for_id)
        .outerjoin(TicketRow, and_(TicketRow.id == ConversationRow.ticket_id, _THEIRS))
    )


def _conditions(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    row = ConversationRow
    views: dict[View, tuple[ColumnElement[bool], ...]] = {
        View.WAITING: (row.owner == Owner.WAITING, *_turn(wanted)),
        View.MINE: (row.owner == Owner.STAFF, row.staff_id == wanted.staff_id),
        View.BOT: (row.owner == Owner.BOT,),
        View.ALL: (),
    }
    return (THERE, *views[wanted.view], *own(row.staff_id, wanted.whose))


def _turn(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    """What this person may take now."""
    if wanted.every_turn:
        return ()
    theirs = wanted.whose or {wanted.staff_id}
    return (or_(free_at(wanted.now), ConversationRow.reserved_for_id.in_(sorted(theirs))),)


_Last = tuple[datetime, str, MessageKind, bool]


def _lasts(unit: Unit, rows: Sequence[Row[*tuple[Any, ...]]]) -> dict[int, _Last]:
    """The last thing heard or said in each conversation; what waits without a text yet is not said.

    Of a client who waits it is the last they wrote: what we said since only bids them to be patient.
    """
    ids = [row.id for row in rows]
    waiting = {row.id for row in rows if row.owner == Owner.WAITING}
    inbox = select(func.max(InboxRow.id)).where(
        InboxRow.conversation_id.in_(ids), InboxRow.kind.in_([kind.value for kind in MessageKind])
    )
    heard = unit.session.execute(
        select(InboxRow.conversation_id, InboxRow.received_at, InboxRow.text, InboxRow.kind).where(
            InboxRow.id.in_(inbox.group_by(InboxRow.conversation_id))
        )
    )
    lasts: dict[int, _Last] = {row[0]: (row[1], row[2], MessageKind(row[3]), False) for row in heard}
    out = select(func.max(DeliveryRow.id)).where(
        DeliveryRow.conversation_id.in_(ids),
        DeliveryRow.state != DeliveryState.SUPPRESSED,
        DeliveryRow.text.is_not(None),
    )
    said = unit.session.execute(
        select(DeliveryRow.conversation_id, DeliveryRow.created_at, DeliveryRow.text).where(
            DeliveryRow.id.in_(out.group_by(DeliveryRow.conversation_id))
        )
    )
    for number, at, text in said:
        if number is not None and (number not in lasts or (number not in waiting and lasts[number][0] <= at)):
            lasts[number] = (at, text or "", MessageKind.TEXT, True)
    return lasts


def _item(unit: Unit, row: Row[*tuple[Any, ...]], lasts: dict[int, _Last]) -> Item:
    _, text, kind, said = lasts.get(row.id, (row.at, "", MessageKind.TEXT, False))
    return Item(
        id=row.id,
        channel=ChannelKind(row.channel),
        account=row.account,
        address=row.address,
        owner=row.owner,
        staff_name=row.staff_name,
        client_id=row.client_id,
        name=opened(unit, NAME, row.name_sealed),
        level=row.level,
        waiting_since=row.waiting_since,
        at=row.at,
        last_text=text,
        last_kind=kind,
        said_last=said,
        reserved_for=row.reserved_for,
        reserved_until=row.reserved_until,
    )
