"""Which clients have a manager of their own who answers first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, not_, or_, select, update
from sqlalchemy.orm import aliased

from bot.clock import branch_date
from bot.vocabulary import Owner, StaffState
from bot.vocabulary.conditions import Condition
from storage import segments
from storage.models import ChatAccountRow, ClientRow, ConversationRow, StaffRow, TicketRow
from storage.repositories.absences import away
from storage.unit import Unit

LATELY = timedelta(hours=24)
"""So long a message stands on the manager's first page."""

_MANAGER = aliased(StaffRow)  # conditions may ask for the manager as well, and must not mean this one


def managers(unit: Unit, client_ids: Collection[int], chosen: Condition, today: date) -> dict[int, int]:
    """Of these clients those with personal service: the ids of their managers who are here."""
    statement = (
        select(ClientRow.id, ClientRow.manager_id)
        .join(_MANAGER, _MANAGER.id == ClientRow.manager_id)
        .where(ClientRow.id.in_(client_ids), _MANAGER.state == StaffState.ACTIVE)
        .where(not_(away(_MANAGER.id, today)), _given(chosen, today))
    )
    return {client: manager for client, manager in unit.session.execute(statement) if manager is not None}


@dataclass(frozen=True, slots=True)
class Heard:
    """A conversation in which a client wrote; who answers first, if it waits for somebody."""

    conversation_id: int
    client_id: int
    reserved_for: int | None
    reserved_until: datetime | None


def heard(unit: Unit, conversation_ids: Collection[int], since: datetime) -> list[Heard]:
    """Of these conversations those whose client wrote since, and in which no person answers."""
    talk, chat = ConversationRow, ChatAccountRow
    statement = (
        select(talk.id, chat.client_id, talk.reserved_for_id, talk.reserved_until)
        .join(chat, chat.id == talk.account_id)
        .where(talk.id.in_(conversation_ids), talk.last_inbound_at >= since, talk.owner != Owner.STAFF)
        .where(chat.client_id.is_not(None))
        .order_by(talk.id)
    )
    found = unit.session.execute(statement)
    return [Heard(number, client, first, until) for number, client, first, until in found if client is not None]


def written(unit: Unit, manager_id: int, chosen: Condition, now: datetime, limit: int) -> list[int]:
    """The conversations in which somebody's clients with personal service wrote lately, and the bot answers."""
    talk, chat = ConversationRow, ChatAccountRow
    statement = (
        select(talk.id)
        .join(chat, chat.id == talk.account_id)
        .join(ClientRow, ClientRow.id == chat.client_id)
        .where(ClientRow.manager_id == manager_id, talk.owner == Owner.BOT, talk.last_inbound_at >= now - LATELY)
        .where(_given(chosen, branch_date(now)))
        .order_by(talk.last_inbound_at.desc(), talk.id.desc())
    )
    return list(unit.session.scalars(statement.limit(limit)))


def kept(unit: Unit, ticket_ids: Collection[int], now: datetime) -> set[int]:
    """Of these tickets those that are reserved for somebody whom we can tell."""
    talk = ConversationRow
    statement = (
        select(TicketRow.id)
        .join(talk, talk.ticket_id == TicketRow.id)
        .join(StaffRow, StaffRow.id == talk.reserved_for_id)
        .where(TicketRow.id.in_(ticket_ids), talk.reserved_until > now, StaffRow.wecom_member != "")
    )
    return set(unit.session.scalars(statement))


def given(unit: Unit, client_id: int, chosen: Condition, today: date) -> tuple[bool | None, bool]:
    """What was said of a client, None where nothing was, and whether personal service is theirs."""
    found = unit.session.execute(
        select(ClientRow.personal_service, _given(chosen, today)).where(ClientRow.id == client_id)
    ).one()
    return found[0], bool(found[1])


def say(unit: Unit, client_id: int, personal: bool | None) -> None:
    """Say whether personal service is a client's; None: as the segment says."""
    unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(personal_service=personal))


def _given(chosen: Condition, today: date) -> ColumnElement[bool]:
    said = ClientRow.personal_service
    return or_(said.is_(True), and_(said.is_(None), segments.criterion(chosen, today)))
