"""Pictures and files in a conversation: they belong to a complaint at every step, and after it."""

from datetime import timedelta

import pytest

from bot.vocabulary import FETCHED, MessageKind
from storage.repositories import ticket_history, ticket_lists
from storage.unit import Unit
from tests.handlers.rig import Branch, Chat

STEPS = {"complaint_ask_when": [], "complaint_ask_demand": ["昨天"], "complaint_ask_contact": ["昨天", "退佣金"]}


def entries(unit: Unit, chat: Chat) -> list[str]:
    """What stands on the conversation's only ticket; of a file, which has no words, nothing."""
    (ticket,) = ticket_lists.of_conversation(unit, chat.conversation_id, None)
    return [line.text for line in ticket_history.lines(unit, ticket.id)]


@pytest.mark.parametrize("step", STEPS)
async def test_a_file_is_thanked_for_at_every_step_and_the_step_goes_on(branch: Branch, step: str) -> None:
    chat = await branch.chat()
    await chat.say("我要投诉")
    for answer in ["佣金收错了", *STEPS[step]]:
        await chat.say(answer)
    for kind in FETCHED:
        assert (await chat.say("", kind)).keys == ["complaint_material_kept", step]


async def test_files_stand_on_the_ticket_also_those_of_the_last_step_and_later_ones(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("我要投诉")
    for answer in ("佣金收错了", "昨天", "退佣金", "跳过"):
        await chat.say(answer)
    assert (await chat.say("", MessageKind.IMAGE)).keys[0] == "complaint_material_kept"
    await chat.say("确认")
    before = await branch.read(lambda unit: entries(unit, chat))
    assert (await chat.say("", MessageKind.FILE)).keys == ["complaint_added"]
    assert before.count("") == 1
    assert await branch.read(lambda unit: entries(unit, chat)) == [*before, ""]


async def test_a_file_while_the_complaint_rests_belongs_to_it_and_does_not_wake_it(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("我要投诉")
    await chat.say("佣金收错了")
    await chat.pick("intake:later")
    said = await chat.say("", MessageKind.IMAGE)
    assert (said.keys, said.options) == (["complaint_material_kept"], ["intake:resume"])
    assert (await chat.pick("intake:resume")).keys == ["complaint_resumed", "complaint_ask_when"]
    for answer in ("昨天", "退佣金", "跳过", "确认"):
        await chat.say(answer)
    assert (await branch.read(lambda unit: entries(unit, chat))).count("") == 1


async def test_a_file_long_after_a_complaint_is_no_part_of_it(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("我要投诉")
    for answer in ("佣金收错了", "昨天", "退佣金", "跳过", "确认"):
        await chat.say(answer)
    branch.clock.move(timedelta(days=7, seconds=1))
    assert (await chat.say("", MessageKind.IMAGE)).keys == ["unsupported_message"]


async def test_an_album_has_one_answer_and_all_its_pictures_are_kept(branch: Branch) -> None:
    chat = await branch.chat()
    assert [(await chat.shows("1")).keys for _ in range(3)] == [["unsupported_message"], [], []]
    await chat.say("我要投诉")
    await chat.say("佣金收错了")
    said = [(await chat.shows("2")).keys for _ in range(3)]
    assert said == [["complaint_material_kept", "complaint_ask_when"], [], []]
    for answer in ("昨天", "退佣金", "跳过", "确认"):
        await chat.say(answer)
    assert [(await chat.shows("3")).keys for _ in range(2)] == [["complaint_added"], []]
    assert (await branch.read(lambda unit: entries(unit, chat))).count("") == 5
