"""What members of staff are in charge of, and giving all of it to somebody else."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from bot.vocabulary import Duty, Owner
from bot.vocabulary.tickets import CLOSED
from storage.models import ClientRow, ConversationRow, TicketRow
from storage.repositories import client_assignments
from storage.repositories.client_assignments import Hand
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Charge:
    """How many clients, open tickets, and conversations that they answer in."""

    clients: int = 0
    tickets: int = 0
    chats: int = 0

    def __bool__(self) -> bool:
        return bool(self.clients or self.tickets or self.chats)


@dataclass(frozen=True, slots=True)
class Handed:
    """What was given to somebody else: how many clients, and which tickets and conversations."""

    clients: int
    tickets: list[int]
    chats: list[int]

    @property
    def charge(self) -> Charge:
        """The same in numbers."""
        return Charge(self.clients, len(self.tickets), len(self.chats))


def all_of(unit: Unit) -> dict[int, Charge]:
    """Everybody's charge by staff id; who has none is not in it."""
    clients = _counted(unit, ClientRow.manager_id)
    tickets = _counted(unit, TicketRow.assignee_id, _open())
    chats = _counted(unit, ConversationRow.staff_id, _answered())
    everybody = clients.keys() | tickets.keys() | chats.keys()
    return {one: Charge(clients.get(one, 0), tickets.get(one, 0), chats.get(one, 0)) for one in everybody}


def of(unit: Unit, staff_id: int) -> Charge:
    """One person's charge."""
    return all_of(unit).get(staff_id, Charge())


def hand_over(unit: Unit, giver: int, taker: int, hand: Hand) -> Handed:
    """Give everything to another person, set-wise."""
    owned = ClientRow.manager_id == giver
    number = unit.session.scalars(select(func.count()).select_from(ClientRow).where(owned)).one()
    client_assignments.replace(unit, Duty.MANAGER, (giver, taker), hand)
    first = update(ConversationRow).where(ConversationRow.reserved_for_id == giver)
    unit.session.execute(first.values(reserved_for_id=taker))
    tickets = update(TicketRow).where(TicketRow.assignee_id == giver, _open())
    changed = tickets.values(assignee_id=taker, version=TicketRow.version + 1).returning(TicketRow.id)
    chats = update(ConversationRow).where(ConversationRow.staff_id == giver, _answered())
    moved = chats.values(staff_id=taker).returning(ConversationRow.id)
    return Handed(number, sorted(unit.session.scalars(changed)), sorted(unit.session.scalars(moved)))


def _counted(unit: Unit, whose: InstrumentedAttribute[int | None], *chosen: ColumnElement[bool]) -> dict[int, int]:
    """How many rows each person has."""
    counts = select(whose, func.count()).where(whose.is_not(None), *chosen).group_by(whose)
    return {staff_id: number for staff_id, number in unit.session.execute(counts) if staff_id is not None}


def _open() -> ColumnElement[bool]:
    return TicketRow.state.not_in(CLOSED)


def _answered() -> ColumnElement[bool]:
    return ConversationRow.owner == Owner.STAFF
