"""Complaints told in a chat."""

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.clock import MovableClock
from bot.messages import Incoming
from bot.vocabulary import ChannelKind, IntakeState, Level, MessageKind, TicketState
from services.calendar import BranchCalendar, BusinessHours
from services.knowledge.outcome import Finding, Outcome
from storage.models import IntakeRow, TicketRow
from storage.repositories import tickets as rows
from storage.repositories.tickets import Ticket
from storage.unit import Database, Unit
from tests.handlers.rig import Branch, Chat

ANGRY = "你们经理骗我买了高风险产品，亏了三万"


def tickets(unit: Unit) -> list[Ticket]:
    numbers = unit.session.scalars(select(TicketRow.number).order_by(TicketRow.id)).all()
    return [ticket for number in numbers if (ticket := rows.by_number(unit, number))]


def told(unit: Unit, ticket_id: int) -> list[str]:
    return [entry.text for entry in rows.entries(unit, ticket_id) if entry.inbox_id]


async def only_ticket(branch: Branch) -> Ticket:
    (ticket,) = await branch.read(tickets)
    return ticket


async def walk(chat: Chat, texts: Sequence[str]) -> list[str]:
    """The last key of each answer."""
    return [(await chat.say(text)).keys[-1] for text in texts]


async def test_a_complaint_is_asked_for_step_by_step_and_ends_in_a_ticket(branch: Branch) -> None:
    chat = await branch.chat()
    assert await walk(chat, ["我要投诉", "柜台排队一个半小时", "昨天上午", "道歉", "13812345678，下午"]) == [
        "complaint_start",
        "complaint_ask_when",
        "complaint_ask_demand",
        "complaint_ask_contact",
        "complaint_confirm",
    ]
    said = await chat.say("确认")
    ticket = await only_ticket(branch)
    assert said.keys == ["complaint_registered", "complaint_other_ways"]
    assert ticket.number == "TS20261123-0001"
    assert ticket.number in str(said)
    assert (ticket.category, ticket.level, ticket.state) == ("8.1", Level.P4, TicketState.REGISTERED)
    assert await branch.read(lambda unit: told(unit, ticket.id)) == [
        "我要投诉",
        "柜台排队一个半小时",
        "昨天上午",
        "道歉",
        "",
    ]


async def test_what_is_read_back_hides_most_of_the_telephone_and_the_ticket_seals_it(branch: Branch) -> None:
    chat = await branch.chat()
    await walk(chat, [ANGRY, "上周", "退钱"])
    said = await chat.say("13812345678，下午")
    assert "138****5678，下午" in str(said)
    assert "13812345678" not in str(said)
    assert said.replies[-1].quoted == {"summary", "when", "demand", "contact"}
    await chat.say("确认")
    ticket = await only_ticket(branch)
    kept = await branch.read(lambda unit: str([unit.session.scalars(select(IntakeRow.answers)).all(), ticket.details]))
    assert "13812345678" not in kept
    sealed = base64.b64decode(ticket.details["contact_sealed"])
    assert branch.database.vault.open(rows.CONTACT, sealed) == "13812345678，下午"


async def test_an_angry_message_is_the_first_answer(branch: Branch) -> None:
    chat = await branch.chat()
    said = await chat.say(ANGRY)
    assert said.keys == ["complaint_ask_when"]


async def test_any_step_can_be_skipped(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say(ANGRY)
    await chat.pick("intake:skip")
    await chat.say("跳过")
    said = await chat.pick("intake:skip")
    assert said.keys == ["complaint_confirm"]
    await chat.pick("intake:confirm")
    assert (await only_ticket(branch)).summary == ANGRY


async def test_the_chat_itself_can_be_the_contact(branch: Branch) -> None:
    chat = await branch.chat()
    await walk(chat, [ANGRY, "上周", "退钱"])
    assert "在这里联系" in str(await chat.pick("intake:here"))


async def test_a_question_in_between_is_answered_and_the_intake_goes_on(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("我要投诉")
    said = await chat.say("股票几点开盘？")
    assert said.keys == ["answer", "complaint_start"]
    assert said.options == ["intake:later", "intake:cancel", "person"]


async def test_a_statement_is_an_answer_even_where_it_fits_a_question(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("我要投诉")
    assert (await chat.say("昨天转账失败三次了")).keys == ["complaint_ask_when"]


async def test_corrections_are_added_until_it_is_confirmed(branch: Branch) -> None:
    chat = await branch.chat()
    await walk(chat, [ANGRY, "上周", "退钱", "跳过"])
    assert (await chat.say("修改")).keys == ["complaint_edit"]
    assert (await chat.say("是四万不是三万")).keys == ["complaint_confirm"]
    await chat.say("确认")
    ticket = await only_ticket(branch)
    assert "是四万不是三万" in await branch.read(lambda unit: told(unit, ticket.id))


async def test_it_can_rest_and_be_taken_up_again(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say(ANGRY)
    assert (await chat.say("稍后")).keys == ["complaint_paused"]
    assert (await chat.say("股票几点开盘")).keys == ["answer"]
    assert (await chat.say("继续")).keys == ["complaint_resumed", "complaint_ask_when"]


async def test_complaining_again_takes_up_the_one_that_rests(branch: Branch) -> None:
    chat = await branch.chat()
    await walk(chat, [ANGRY, "稍后"])
    assert (await chat.say("我要投诉")).keys == ["complaint_resumed", "complaint_ask_when"]
    intakes = await branch.read(lambda unit: unit.session.scalars(select(IntakeRow.state)).all())
    assert list(intakes) == [IntakeState.RUNNING]


async def test_a_cancel_is_a_withdrawal_and_keeps_what_was_said(branch: Branch, clock: MovableClock) -> None:
    chat = await branch.chat()
    await chat.say(ANGRY)
    assert (await chat.say("取消")).keys == ["complaint_cancelled"]
    clock.move(timedelta(hours=25))
    assert await branch.write(lambda unit: branch.services.intakes.register_due(unit, clock.now())) == []
    answers = await branch.read(lambda unit: unit.session.scalars(select(IntakeRow.answers)).one())
    assert [line["text"] for line in answers["said"]] == [ANGRY]
    assert await branch.read(tickets) == []


@pytest.mark.parametrize("texts", [["我要投诉"], [ANGRY], [ANGRY, "上周", "稍后"]])
async def test_a_silent_client_s_complaint_becomes_a_ticket_after_a_day(
    branch: Branch, clock: MovableClock, texts: list[str]
) -> None:
    chat = await branch.chat()
    await walk(chat, texts)
    due = branch.services.intakes.register_due
    clock.move(timedelta(hours=23))
    assert await branch.write(lambda unit: due(unit, clock.now())) == []
    clock.move(timedelta(hours=1))
    (ticket,) = await branch.write(lambda unit: due(unit, clock.now()))
    assert await branch.write(lambda unit: due(unit, clock.now())) == []
    assert ticket.summary == texts[0]
    (submission,) = branch.ledger.asked
    assert submission.text_key == "complaint_registered"
    assert submission.parameters["number"] == ticket.number


async def test_what_comes_later_is_added_to_the_ticket(branch: Branch, clock: MovableClock) -> None:
    chat = await branch.chat()
    await chat.say(ANGRY)
    clock.move(timedelta(hours=25))
    await branch.write(lambda unit: branch.services.intakes.register_due(unit, clock.now()))
    assert (await chat.say("上周三下午", finding=Finding(Outcome.UNKNOWN))).keys == ["complaint_added"]
    assert (await chat.say("没人联系我，太差了，我要打12386")).keys == ["complaint_added"]
    ticket = await only_ticket(branch)
    assert ticket.level is Level.P2
    assert (await branch.read(lambda unit: told(unit, ticket.id)))[1:] == [
        "上周三下午",
        "没人联系我，太差了，我要打12386",
    ]
    assert (await chat.say("你们地址在哪里？")).keys != ["complaint_added"]


async def test_an_emergency_is_a_ticket_at_once_with_the_urgent_words_first(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("我要投诉")
    said = await chat.say("我账户被盗了，钱正在往外转")
    assert said.keys == ["complaint_urgent_account", "complaint_registered", "complaint_other_ways"]
    assert (await only_ticket(branch)).level is Level.P1


async def test_a_report_of_wrongdoing_is_promised_discretion(branch: Branch) -> None:
    chat = await branch.chat()
    await walk(chat, ["我要投诉", "我举报有员工借用客户账户", "跳过", "跳过", "跳过"])
    assert "complaint_classified_whistle" in (await chat.say("确认")).keys


async def test_material_is_kept_with_the_complaint(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say(ANGRY)
    said = await chat.say("", MessageKind.IMAGE)
    assert said.keys == ["complaint_material_kept", "complaint_ask_when"]
    await walk(chat, ["跳过", "跳过", "跳过", "确认"])
    ticket = await only_ticket(branch)
    entries = await branch.read(lambda unit: rows.entries(unit, ticket.id))
    assert len({entry.inbox_id for entry in entries}) == 2


async def test_a_number_out_of_date_asks_the_step_again(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say(ANGRY)
    said = await chat.send(Incoming(chat.addressee, "old", MessageKind.TEXT, "7"), stale=True)
    assert said.keys == ["option_stale", "complaint_ask_when"]
    assert said.options == ["intake:skip", "intake:later", "intake:cancel"]


async def test_a_missing_calendar_never_loses_a_complaint(branch: Branch, clock: MovableClock) -> None:
    clock.set(datetime(2027, 3, 1, 2, 0, tzinfo=UTC))
    chat = await branch.chat()
    await walk(chat, [ANGRY, "跳过", "跳过", "跳过"])
    assert (await chat.say("确认")).keys[0] == "complaint_registered_undated"
    assert (await only_ticket(branch)).dues.next_at is None
    assert await branch.write(branch.services.tickets.fill_promises) == 0


async def test_an_imported_calendar_fills_the_promises_in(database: Database, clock: MovableClock) -> None:
    branch = Branch(database, clock, office=lambda: BusinessHours(BranchCalendar(())))
    chat = await branch.chat()
    await walk(chat, [ANGRY, "跳过", "跳过", "跳过", "确认"])
    informed = Branch(database, clock)
    assert await branch.write(informed.services.tickets.fill_promises) == 1
    assert (await only_ticket(branch)).dues.contact_at is not None


async def test_progress_is_told_to_whoever_complained_and_to_nobody_else(branch: Branch) -> None:
    mine, other = await branch.chat(), await branch.chat(ChannelKind.WECHAT)
    assert (await mine.say("我的投诉")).keys == ["complaint_none"]
    await walk(mine, [ANGRY, "跳过", "跳过", "跳过", "确认"])
    number = (await only_ticket(branch)).number
    assert "已登记" in str(await mine.say("我的投诉"))
    assert (await mine.say(number.lower())).keys == ["complaint_progress_open"]
    assert (await other.say(number)).keys == ["complaint_not_found"]


async def test_among_several_complaints_one_can_be_picked(branch: Branch) -> None:
    chat = await branch.chat()
    for _ in range(2):
        await walk(chat, ["我要投诉", "柜台态度差", "跳过", "跳过", "跳过", "确认"])
    said = await chat.say("我的投诉")
    assert said.options == ["ticket:TS20261123-0002", "ticket:TS20261123-0001"]
    assert "TS20261123-0001" in str(await chat.pick("ticket:TS20261123-0001"))


async def test_numbers_are_given_once_however_many_complain_at_once(branch: Branch) -> None:
    chats = [await branch.chat() for _ in range(12)]
    for chat in chats:
        await walk(chat, [ANGRY, "跳过", "跳过", "跳过"])
    await asyncio.gather(*(chat.say("确认") for chat in chats))
    numbers = [ticket.number for ticket in await branch.read(tickets)]
    assert sorted(numbers) == [f"TS20261123-{place:04d}" for place in range(1, 13)]


async def test_confirming_while_the_time_runs_out_makes_one_ticket(branch: Branch, clock: MovableClock) -> None:
    chat = await branch.chat()
    await walk(chat, [ANGRY, "跳过", "跳过", "跳过"])
    clock.move(timedelta(hours=24))
    due = branch.write(lambda unit: branch.services.intakes.register_due(unit, clock.now()))
    await asyncio.gather(chat.say("确认"), due)
    assert await only_ticket(branch)


@pytest.mark.parametrize("value", ["skip", "confirm", "here", "later", "cancel", "resume", "edit", "nonsense"])
async def test_an_option_of_an_intake_that_is_over_still_gets_an_answer(branch: Branch, value: str) -> None:
    chat = await branch.chat()
    message = Incoming(chat.addressee, f"late-{value}", MessageKind.CHOICE, choice=f"intake:{value}")
    assert (await chat.send(message)).keys == ["option_stale"]


async def test_words_that_cross_the_end_of_an_intake_go_to_its_ticket(branch: Branch, clock: MovableClock) -> None:
    chat = await branch.chat()
    await chat.say(ANGRY)
    clock.move(timedelta(hours=24))
    turn = chat.say("昨天上午")
    due = branch.write(lambda unit: branch.services.intakes.register_due(unit, clock.now()))
    _, said = await asyncio.gather(due, turn)
    ticket = await only_ticket(branch)
    assert said.keys[-1] in ("complaint_ask_demand", "complaint_added")
    assert "昨天上午" in await branch.read(lambda unit: told(unit, ticket.id))
