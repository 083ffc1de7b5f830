"""Wishing for a person, and lives in danger."""

from datetime import UTC, datetime

import pytest

from bot.clock import MovableClock
from bot.vocabulary import EntryKind, Level, MessageKind, Owner, TicketKind
from services.calendar import BranchCalendar, BusinessHours
from services.knowledge.outcome import Finding, Outcome
from storage.repositories import conversations
from storage.repositories import tickets as rows
from storage.repositories.conversations import Conversation
from storage.repositories.tickets import Ticket
from storage.unit import Database, Unit
from tests.handlers.rig import Branch, Chat

EVENING = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def standing(chat: Chat) -> tuple[Conversation, Ticket]:
    def read(unit: Unit) -> tuple[Conversation, Ticket]:
        conversation = conversations.by_id(unit, chat.conversation_id)
        ticket = rows.by_id(unit, conversation.ticket_id or 0) if conversation else None
        assert conversation is not None
        assert ticket is not None
        return conversation, ticket

    return await chat.branch.read(read)


async def written(chat: Chat) -> list[str]:
    _, ticket = await standing(chat)
    entries = await chat.branch.read(lambda unit: rows.entries(unit, ticket.id))
    return [entry.text for entry in entries if entry.kind is EntryKind.CLIENT_MESSAGE]


@pytest.mark.parametrize("text", ["人工", "能不能换个真人", "I want to talk to a person"])
async def test_a_wish_for_a_person_opens_an_inquiry_with_a_promise(branch: Branch, text: str) -> None:
    chat = await branch.chat()
    said = await chat.say(text)
    conversation, ticket = await standing(chat)
    assert said.keys == ["handover_ticket_opened"]
    assert "ZX20261123-0001" in str(said)
    assert "11月23日10:30" in str(said)
    assert (conversation.owner, ticket.kind, ticket.summary) == (Owner.WAITING, TicketKind.INQUIRY, text)


async def test_those_behind_are_told_their_place(branch: Branch) -> None:
    for _ in range(2):
        await (await branch.chat()).say("人工")
    said = await (await branch.chat()).say("人工")
    assert said.keys == ["handover_ticket_queued"]
    assert "2位" in str(said)
    assert "9分钟" in str(said)


async def test_asking_again_keeps_the_place_and_opens_nothing(branch: Branch) -> None:
    first, second = await branch.chat(), await branch.chat()
    await first.say("人工")
    await second.say("人工")
    again = await first.say("人工")
    assert again.keys == ["handover_ticket_opened"]
    assert "ZX20261123-0001" in str(again)
    assert await written(first) == ["人工", "人工"]


async def test_outside_hours_the_promise_says_when(branch: Branch, clock: MovableClock) -> None:
    clock.set(EVENING)
    said = await (await branch.chat()).say("人工")
    assert said.keys == ["handover_outside_hours", "handover_left_message"]
    assert "11月24日09:30" in str(said)


async def test_without_a_calendar_nothing_is_promised(database: Database, clock: MovableClock) -> None:
    branch = Branch(database, clock, office=lambda: BusinessHours(BranchCalendar(())))
    said = await (await branch.chat()).say("人工")
    assert said.keys == ["handover_ticket_undated"]


async def test_while_waiting_the_bot_answers_and_everything_lands_on_the_ticket(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("人工")
    assert (await chat.say("股票几点开盘")).keys == ["answer"]
    assert (await chat.say("阿巴阿巴", finding=Finding(Outcome.UNKNOWN))).keys == ["handover_left_message"]
    assert (await chat.say("", MessageKind.IMAGE)).keys == ["handover_left_message"]
    assert await written(chat) == ["人工", "股票几点开盘", "阿巴阿巴", ""]


async def test_a_complaint_being_told_rests_while_a_person_is_called(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("你们经理骗我买了产品")
    assert (await chat.pick("intake:later")).keys == ["complaint_paused"]
    await chat.say("继续")
    said = await chat.say("人工")
    assert said.keys == ["handover_ticket_opened", "complaint_paused"]
    assert (await chat.say("继续")).keys == ["complaint_resumed", "complaint_ask_when"]


async def test_a_wish_for_a_call_is_an_answer_while_a_complaint_is_told(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("你们经理骗我买了产品")
    await chat.say("上周")
    assert (await chat.say("让你们经理给我打电话")).keys == ["complaint_ask_contact"]


@pytest.mark.parametrize("before", [[], ["人工"], ["我要投诉"]])
async def test_a_life_in_danger_gets_the_hotline_and_a_person_at_once(branch: Branch, before: list[str]) -> None:
    chat = await branch.chat()
    for text in before:
        await chat.say(text)
    said = await chat.say("亏成这样我不想活了")
    conversation, ticket = await standing(chat)
    assert said.keys == ["complaint_crisis"]
    assert "12356" in str(said)
    assert (conversation.owner, ticket.level) == (Owner.WAITING, Level.P1)
    assert (await written(chat))[-1] == "亏成这样我不想活了"
