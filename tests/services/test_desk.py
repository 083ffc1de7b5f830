"""Work on a ticket by several people at the same time, and in a chat that became another client's."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.clock import MovableClock
from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Level, TicketState
from services.desk import Desk, Move
from services.tickets import Matter
from storage.models import TicketEntryRow
from storage.repositories import tickets as rows
from storage.repositories.staff import Staff
from storage.repositories.tickets import Ticket
from storage.unit import Database, Unit
from tests.handlers.rig import Branch

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def branch(database: Database, clock: MovableClock) -> Branch:
    return Branch(database, clock)


def desk(branch: Branch) -> Desk:
    return Desk(branch.services.tickets, branch.services.handover)


async def complaint(branch: Branch, level: Level = Level.P3) -> Ticket:
    matter = Matter("summary", level, None, None, NOW)
    return await branch.write(lambda unit: branch.services.tickets.complain(unit, matter))


async def found(branch: Branch, ticket: Ticket) -> Ticket:
    kept = await branch.read(lambda unit: rows.by_id(unit, ticket.id))
    assert kept is not None
    return kept


def takes(branch: Branch, staff: Staff, ticket: Ticket) -> Callable[[Unit], None]:
    return lambda unit: desk(branch).assign(unit, staff, Move(ticket.number, "", ticket.version, NOW))


async def test_one_of_several_takes_a_ticket(branch: Branch) -> None:
    ticket, people = await complaint(branch), [await branch.staff(name) for name in "甲乙丙丁"]
    works = [branch.write(takes(branch, one, ticket)) for one in people]
    ends = await asyncio.gather(*works, return_exceptions=True)
    assert [type(one) for one in ends if one is not None] == [Conflict] * 3
    wanted = select(TicketEntryRow.staff_id).where(TicketEntryRow.ticket_id == ticket.id)
    after = await found(branch, ticket)
    assert await branch.read(lambda unit: list(unit.session.scalars(wanted))) == [after.assignee_id]


async def test_what_is_raised_while_it_is_closed_stays_open_for_compliance(branch: Branch) -> None:
    ticket, staff = await complaint(branch), await branch.staff()
    tickets = branch.services.tickets
    await branch.write(lambda unit: tickets.raise_level(unit, ticket, Level.P1, NOW))
    with pytest.raises(Conflict, match="ticket_changed"):
        await branch.write(lambda unit: tickets.resolve(unit, ticket, staff.id, NOW))
    now = await found(branch, ticket)
    assert (now.state, now.level) == (TicketState.REGISTERED, Level.P1)
    move = Move(now.number, "done", now.version, NOW)
    with pytest.raises(NotPermitted):
        await branch.write(lambda unit: desk(branch).close(unit, staff, move))


async def test_what_was_read_before_neither_lowers_a_ticket_nor_takes_it_away(branch: Branch) -> None:
    ticket, tickets = await complaint(branch), branch.services.tickets
    one, two = await branch.staff("甲"), await branch.staff("乙")
    for level in (Level.P1, Level.P2):
        await branch.write(lambda unit, to=level: tickets.raise_level(unit, ticket, to, NOW))  # type: ignore[misc]
    for staff in (one, two):
        await branch.write(lambda unit, by=staff: tickets.answered(unit, ticket, by.id, NOW))  # type: ignore[misc]
    after = await found(branch, ticket)
    assert (after.level, after.assignee_id) == (Level.P1, one.id)


async def test_a_chat_that_became_another_s_gets_nothing_of_a_ticket(branch: Branch) -> None:
    chat, staff = await branch.chat(), await branch.staff()
    one, other = await branch.client(), await branch.client()
    await branch.own(chat, one)
    matter = Matter("summary", Level.P3, chat.conversation_id, one, NOW)
    ticket = await branch.write(lambda unit: branch.services.tickets.complain(unit, matter))
    move = Move(ticket.number, "about your loss", ticket.version, NOW, "k")
    await branch.own(chat, other)
    with pytest.raises(Refused, match="ticket_chat_left"):
        await branch.write(lambda unit: desk(branch).answer(unit, staff, move))
    assert branch.ledger.asked == []
    await branch.own(chat, one)
    await branch.write(lambda unit: desk(branch).answer(unit, staff, move))
    assert [asked.parameters for asked in branch.ledger.asked] == [{"body": "about your loss"}]
