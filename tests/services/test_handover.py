"""People taking over, answering, and giving back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.channels.base import Capabilities
from bot.channels.base import Unit as Measure
from bot.clock import MovableClock
from bot.errors import Conflict, Refused
from bot.vocabulary import ChannelKind, EntryKind, Owner, Purpose, TicketState
from services.handover import Answer, Wish
from storage.models import ChatAccountRow, ConversationRow
from storage.repositories import conversations
from storage.repositories import tickets as rows
from storage.repositories.conversations import Conversation
from storage.repositories.staff import Staff
from storage.repositories.tickets import Entry, Ticket
from storage.unit import Database
from tests.handlers.rig import Branch, Chat


@pytest.fixture
def branch(database: Database, clock: MovableClock) -> Branch:
    return Branch(database, clock)


async def now(chat: Chat) -> Conversation:
    found = await chat.branch.read(lambda unit: conversations.by_id(unit, chat.conversation_id))
    assert found is not None
    return found


async def history(chat: Chat, ticket_id: int) -> list[Entry]:
    return await chat.branch.read(lambda unit: rows.entries(unit, ticket_id))


def answer(chat: Chat, text: str = "您好", key: str = "form-1") -> Answer:
    return Answer(chat.conversation_id, key, text, chat.branch.clock.now())


async def reply(chat: Chat, staff: Staff, text: str = "您好", key: str = "form-1") -> Ticket:
    handover = chat.branch.services.handover
    return await chat.branch.write(lambda unit: handover.reply(unit, staff, answer(chat, text, key)))


async def take(chat: Chat, staff: Staff) -> Conversation:
    branch = chat.branch
    return await branch.write(
        lambda unit: branch.services.handover.take(unit, chat.conversation_id, staff, branch.clock.now())
    )


async def test_taking_over_silences_the_bot_and_tells_the_client_who_is_there(branch: Branch) -> None:
    chat, staff = await branch.chat(), await branch.staff()
    await chat.say("人工")
    for _ in range(2):
        await take(chat, staff)
    conversation = await now(chat)
    assert (conversation.owner, conversation.staff_id) == (Owner.STAFF, staff.id)
    assert [each.text_key for each in branch.ledger.asked] == ["handover_taken_over"]


async def test_the_first_wins_and_the_loser_is_told_who_was_faster(branch: Branch) -> None:
    chat = await branch.chat()
    people = [await branch.staff("王岚"), await branch.staff("李明")]
    outcomes = await asyncio.gather(*(take(chat, staff) for staff in people), return_exceptions=True)
    lost = [each for each in outcomes if isinstance(each, Conflict)]
    winner = {staff.id: staff.name for staff in people}[(await now(chat)).staff_id or 0]
    assert [(each.key, each.parameters["owner"]) for each in lost] == [("conversation_taken", winner)]


async def test_an_answer_goes_out_and_stands_on_the_ticket(branch: Branch) -> None:
    chat, staff = await branch.chat(), await branch.staff()
    await chat.say("人工")
    ticket = await reply(chat, staff)
    (submission,) = branch.ledger.asked
    assert (submission.key, submission.purpose) == ("staff:form-1", Purpose.STAFF_MESSAGE)
    assert (submission.parameters, submission.author_id) == ({"body": "您好"}, staff.id)
    words = [entry for entry in await history(chat, ticket.id) if entry.kind is EntryKind.STAFF_REPLY]
    assert [(entry.text, entry.staff_id, entry.delivery_id is not None) for entry in words] == [
        ("您好", staff.id, True)
    ]
    found = await branch.read(lambda unit: rows.by_id(unit, ticket.id))
    assert found is not None
    assert found.assignee_id == staff.id


async def test_a_form_sent_twice_is_one_answer(branch: Branch) -> None:
    chat, staff = await branch.chat(), await branch.staff()
    ticket = await reply(chat, staff)
    await reply(chat, staff)
    await reply(chat, staff, "第二句", "form-2")
    words = [entry.text for entry in await history(chat, ticket.id) if entry.kind is EntryKind.STAFF_REPLY]
    assert words == ["您好", "第二句"]


async def test_another_person_s_conversation_is_left_alone(branch: Branch) -> None:
    chat, staff, other = await branch.chat(), await branch.staff("王岚"), await branch.staff("李明")
    await reply(chat, staff)
    with pytest.raises(Conflict) as refused:
        await reply(chat, other, key="form-2")
    assert refused.value.parameters == {"owner": "王岚"}
    with pytest.raises(Conflict):
        await branch.write(lambda unit: branch.services.handover.hand_back(unit, other, answer(chat)))
    assert len(branch.ledger.asked) == 1


@pytest.mark.parametrize("values", [{"last_inbound_at": None}, {"window_used": 5}, {}])
async def test_a_closed_window_refuses_and_changes_nothing(
    branch: Branch, clock: MovableClock, values: dict[str, object]
) -> None:
    chat, staff = await branch.chat(ChannelKind.WECHAT), await branch.staff()
    if values:
        change = update(ChatAccountRow).where(ChatAccountRow.id == chat.account_id).values(values)
        await branch.write(lambda unit: unit.session.execute(change) and None)
    else:
        clock.move(timedelta(hours=48))
    with pytest.raises(Refused, match="reply_window_closed"):
        await reply(chat, staff)
    assert (await now(chat)).owner is Owner.BOT
    assert branch.ledger.asked == []


async def test_a_window_tells_how_long_and_how_many(branch: Branch, clock: MovableClock) -> None:
    wechat, webchat = await branch.chat(ChannelKind.WECHAT), await branch.chat()
    of = branch.services.handover.window
    conversation = await now(wechat)
    window = await branch.read(lambda unit: of(unit, conversation, clock.now()))
    assert (window.open, window.left, window.until) == (True, 5, clock.now() + timedelta(hours=48))
    free = await now(webchat)
    assert (await branch.read(lambda unit: of(unit, free, clock.now()))).until is None


async def test_staff_may_write_where_the_words_wait_for_the_client(branch: Branch, clock: MovableClock) -> None:
    mute = Capabilities(2047, Measure.BYTES, passive_reply=True, proactive=False)
    handover = replace(branch.services.handover, capabilities={(ChannelKind.WECHAT, "main"): mute})
    conversation = await now(await branch.chat(ChannelKind.WECHAT))
    window = await branch.read(lambda unit: handover.window(unit, conversation, clock.now()))
    assert (window.open, window.waits, window.until) == (True, True, None)


async def test_words_that_the_gate_keeps_back_are_refused_with_the_rule(branch: Branch) -> None:
    chat, staff = await branch.chat(), await branch.staff()
    branch.ledger.suppresses = "forbidden_words"
    with pytest.raises(Refused) as refused:
        await reply(chat, staff, "保证不亏")
    assert (refused.value.key, refused.value.parameters) == ("reply_suppressed", {"rule": "forbidden_words"})
    assert (await now(chat)).owner is Owner.BOT


async def test_the_client_s_words_land_with_the_person(branch: Branch) -> None:
    chat, staff = await branch.chat(), await branch.staff()
    await chat.say("人工")
    ticket = await reply(chat, staff)
    conversation = await now(chat)
    handover = branch.services.handover
    await branch.write(lambda unit: handover.client_wrote(unit, conversation, 1, "谢谢"))
    assert (await history(chat, ticket.id))[-1].text == "谢谢"


async def test_handing_back_wakes_the_bot_and_keeps_ticket_and_summary(branch: Branch) -> None:
    chat, staff = await branch.chat(), await branch.staff()
    ticket = await reply(chat, staff)
    handover = branch.services.handover
    await branch.write(lambda unit: handover.hand_back(unit, staff, answer(chat, "已告知路径", "back")))
    conversation = await now(chat)
    assert (conversation.owner, conversation.ticket_id) == (Owner.BOT, ticket.id)
    assert (await history(chat, ticket.id))[-1].text == "已告知路径"
    assert branch.ledger.asked[-1].text_key == "handover_handed_back"
    assert (await chat.say("股票几点开盘")).keys == ["answer"]
    again = await branch.write(lambda unit: handover.ask(unit, conversation, Wish(1, "人工", branch.clock.now())))
    assert again.number != ticket.number


async def test_closing_ends_the_inquiry(branch: Branch) -> None:
    chat, staff = await branch.chat(), await branch.staff()
    ticket = await reply(chat, staff)
    handover = branch.services.handover
    await branch.write(lambda unit: handover.close(unit, staff, answer(chat, "已解决", "close")))
    found = await branch.read(lambda unit: rows.by_id(unit, ticket.id))
    assert found is not None
    assert found.state is TicketState.RESOLVED
    with pytest.raises(Conflict, match="conversation_not_taken"):
        await branch.write(lambda unit: handover.close(unit, staff, answer(chat)))


async def test_a_complaint_is_not_closed_by_the_way(branch: Branch) -> None:
    chat, staff = await branch.chat(), await branch.staff()
    for text in ("我要投诉", "柜台态度差", "跳过", "跳过", "跳过", "确认"):
        await chat.say(text)
    (complaint,) = await branch.read(lambda unit: rows.complaints_of(unit, chat.conversation_id, None))
    about = update(ConversationRow).where(ConversationRow.id == chat.conversation_id).values(ticket_id=complaint.id)
    await branch.write(lambda unit: unit.session.execute(about) and None)
    assert (await reply(chat, staff)).id == complaint.id
    with pytest.raises(Conflict, match="ticket_needs_procedure"):
        await branch.write(lambda unit: branch.services.handover.close(unit, staff, answer(chat)))


async def test_a_chat_that_became_another_s_knows_nothing_of_the_former_one_s_ticket(branch: Branch) -> None:
    chat, staff, handover = await branch.chat(), await branch.staff(), branch.services.handover
    one, other = await branch.client(), await branch.client()
    await branch.own(chat, one)
    await chat.say("人工")
    former = await reply(chat, staff)
    await branch.own(chat, other)
    assert former.number not in str(await chat.say("我的密码忘了"))
    await branch.write(lambda unit: handover.hand_back(unit, staff, answer(chat, "已说明")))
    current = (await now(chat)).ticket_id
    landed = await branch.read(lambda unit: rows.by_id(unit, current or 0))
    assert landed is not None
    assert (landed.client_id, [each.text for each in await history(chat, landed.id)]) == (other, ["已说明"])
    assert "已说明" not in [each.text for each in await history(chat, former.id)]
