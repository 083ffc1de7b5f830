"""The end of intakes that nobody finished, and what comes after."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.clock import MovableClock
from bot.vocabulary import TicketState
from services.intakes import Heard
from storage.models import TicketRow
from storage.repositories import conversations
from storage.repositories import tickets as rows
from storage.repositories.tickets import Ticket
from storage.unit import Database
from tests.handlers.rig import Branch, Chat


@pytest.fixture
def branch(database: Database, clock: MovableClock) -> Branch:
    return Branch(database, clock)


async def supplement(chat: Chat, text: str) -> Ticket | None:
    branch = chat.branch
    conversation = await branch.read(lambda unit: conversations.by_id(unit, chat.conversation_id))
    assert conversation is not None
    heard = Heard(1, text, branch.clock.now())
    return await branch.write(lambda unit: branch.services.intakes.supplement(unit, conversation, heard))


async def due(branch: Branch, limit: int = 50) -> list[Ticket]:
    return await branch.write(lambda unit: branch.services.intakes.register_due(unit, branch.clock.now(), limit))


async def test_due_intakes_are_registered_in_order_and_in_portions(branch: Branch, clock: MovableClock) -> None:
    for _ in range(3):
        await (await branch.chat()).say("我要投诉")
        clock.move(timedelta(minutes=1))
    clock.move(timedelta(hours=24))
    portions = [[ticket.number for ticket in await due(branch, limit=2)] for _ in range(3)]
    assert portions == [["TS20261124-0001", "TS20261124-0002"], ["TS20261124-0003"], []]


async def test_two_processes_register_a_due_intake_once(branch: Branch, clock: MovableClock) -> None:
    for _ in range(6):
        await (await branch.chat()).say("你们经理骗我买了产品")
    clock.move(timedelta(hours=24))
    registered = await asyncio.gather(*(due(branch, limit=3) for _ in range(4)))
    registered.append(await due(branch))
    assert sorted(ticket.id for tickets in registered for ticket in tickets) == list(
        await branch.read(lambda unit: unit.session.scalars(select(TicketRow.id).order_by(TicketRow.id)).all())
    )
    keys = [submission.key for submission in branch.ledger.asked]
    assert (len(keys), len(set(keys))) == (6, 6)


async def test_words_belong_to_the_complaint_for_a_week_while_it_is_open(branch: Branch, clock: MovableClock) -> None:
    chat = await branch.chat()
    assert await supplement(chat, "没有投诉") is None
    await chat.say("你们经理骗我买了产品")
    clock.move(timedelta(hours=24))
    (ticket,) = await due(branch)
    clock.move(timedelta(days=6))
    assert (await supplement(chat, "补充一句")) is not None
    await branch.write(lambda unit: rows.change(unit, ticket.id, state=TicketState.WITHDRAWN))
    assert await supplement(chat, "又一句") is None
    await branch.write(lambda unit: rows.change(unit, ticket.id, state=TicketState.ACCEPTED))
    clock.move(timedelta(days=2))
    assert await supplement(chat, "很久以后") is None


async def test_a_client_is_told_without_times_where_none_can_be_promised(branch: Branch, clock: MovableClock) -> None:
    chat = await branch.chat()
    clock.move(timedelta(days=37))
    await chat.say("你们经理骗我买了产品")
    clock.move(timedelta(hours=24))
    (ticket,) = await due(branch)
    (submission,) = branch.ledger.asked
    assert (submission.text_key, submission.parameters) == ("complaint_registered_undated", {"number": ticket.number})


async def test_what_one_told_is_neither_continued_nor_told_to_who_has_the_chat_after_them(
    branch: Branch, clock: MovableClock
) -> None:
    chat, one, other = await branch.chat(), await branch.client(), await branch.client()
    await branch.own(chat, one)
    await chat.say("我要投诉")
    await chat.say("经理骗我买了产品")
    await branch.own(chat, other)
    assert (await chat.say("我要投诉")).keys == ["complaint_start"]
    clock.move(timedelta(hours=24))
    first, second = await due(branch)
    assert [(each.client_id, "骗我" in each.summary) for each in (first, second)] == [(one, True), (other, False)]
    assert [each.parameters["number"] for each in branch.ledger.asked] == [second.number]
    assert first.number not in str(await chat.say("投诉进度"))
    added = await supplement(chat, "补充一句")
    assert added is not None
    assert added.id == second.id
