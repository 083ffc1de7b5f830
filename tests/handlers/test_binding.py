"""Binding a chat in a dialogue."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.clock import MovableClock
from bot.vocabulary import ChannelKind, ConsentPurpose, EventKind
from services import dialogs
from services.identity import Order
from services.knowledge.outcome import Finding, Outcome
from storage.models import ClientRow
from storage.repositories import conversations
from tests.handlers.rig import Branch, Chat

WANTED = (ConsentPurpose.EDUCATION, ConsentPurpose.CARE)


async def code_for(branch: Branch, client_id: int) -> str:
    order = Order(client_id, None, WANTED, branch.clock.now())
    return await branch.write(lambda unit: branch.services.identity.issue(unit, order))


async def owner(chat: Chat) -> int | None:
    found = await chat.branch.read(lambda unit: conversations.by_id(unit, chat.conversation_id))
    return found.client_id if found else None


SECOND = {ChannelKind.WEBCHAT: "bind_second_factor", ChannelKind.TELEGRAM: "bind_second_factor_or_phone"}


@pytest.mark.parametrize("form", ["{}", "绑定 {}", "bind {}"])
@pytest.mark.parametrize("channel", SECOND)
async def test_a_typed_code_and_the_last_four_make_the_chat_the_client_s(
    branch: Branch, form: str, channel: ChannelKind
) -> None:
    client_id = await branch.client()
    chat = await branch.chat(channel)
    code = await code_for(branch, client_id)
    assert (await chat.say("绑定")).keys == ["bind_start"]
    assert (await chat.say(form.format(f"{code[:4]}-{code[4:]}".lower()))).keys == [SECOND[channel]]
    assert (await chat.say("123x")).keys == ["bind_done"]
    assert await owner(chat) == client_id
    granted = await branch.read(lambda unit: branch.services.consents.current(unit, client_id))
    assert granted == frozenset(WANTED)


async def asked(branch: Branch, client_id: int) -> Chat:
    """A chat on Telegram that has shown its code."""
    chat = await branch.chat(ChannelKind.TELEGRAM)
    assert (await chat.say(await code_for(branch, client_id))).options == ["share_phone"]
    return chat


@pytest.mark.parametrize("phone", ["+8613800000000", "8613800000000", "13800000000", "+86 138 0000 0000"])
async def test_one_s_own_telephone_number_is_a_second_factor(branch: Branch, phone: str) -> None:
    client_id = await branch.client()
    chat = await asked(branch, client_id)
    assert (await chat.share(phone)).keys == ["bind_done"]
    assert await owner(chat) == client_id


async def test_a_card_of_somebody_else_proves_nothing_and_costs_nothing(branch: Branch) -> None:
    chat = await asked(branch, await branch.client())
    for _ in range(3):
        said = await chat.share(None)
        assert (said.keys, said.options) == (["bind_own_phone"], ["share_phone"])
    assert (await chat.say("123X")).keys == ["bind_done"]


@pytest.mark.parametrize("phone", ["+8613900000000", "+1", "no number"])
async def test_another_number_is_a_wrong_try(branch: Branch, phone: str) -> None:
    chat = await asked(branch, await branch.client())
    keys = [(await chat.share(phone)).keys for _ in range(3)]
    assert keys == [["bind_wrong_code"], ["bind_wrong_code"], ["bind_locked"]]
    assert await owner(chat) is None


async def test_a_client_without_a_number_is_not_proved_by_one(branch: Branch) -> None:
    client_id = await branch.client()
    change = update(ClientRow).where(ClientRow.id == client_id).values(phone_key=None)
    await branch.write(lambda unit: unit.session.execute(change) and None)
    chat = await asked(branch, client_id)
    assert (await chat.share("+8613800000000")).keys == ["bind_wrong_code"]


async def test_a_card_outside_a_binding_is_of_no_use(branch: Branch) -> None:
    chat = await branch.chat(ChannelKind.TELEGRAM)
    assert (await chat.share("+8613800000000")).keys == ["unsupported_message"]


async def test_the_button_s_words_ask_for_either_factor_again(branch: Branch, clock: MovableClock) -> None:
    chat = await asked(branch, await branch.client())
    assert (await chat.say("分享我的手机号")).keys == ["bind_second_factor_or_phone"]
    clock.move(timedelta(hours=1))
    assert (await chat.say("分享我的手机号")).keys == ["bind_start"]


@pytest.mark.parametrize(
    ("kind", "scene"), [(EventKind.FOLLOWED, "qrscene_{}"), (EventKind.SCANNED, "{}"), (EventKind.FOLLOWED, "bind_{}")]
)
async def test_a_scene_carries_the_code(branch: Branch, kind: EventKind, scene: str) -> None:
    client_id = await branch.client()
    chat = await branch.chat(ChannelKind.WECHAT)
    said = await chat.happens(kind, scene.format(await code_for(branch, client_id)))
    assert said.keys == ["bind_second_factor"]
    assert (await chat.say("11010519900101123X")).keys == ["bind_done"]


async def test_three_wrong_tries_bring_a_pause_that_passes(branch: Branch, clock: MovableClock) -> None:
    chat = await branch.chat()
    keys = [(await chat.say(code)).keys for code in ("ABCD2345", "ABCD2346", "ABCD2347", "ABCD2348")]
    assert keys == [["bind_wrong_code"], ["bind_wrong_code"], ["bind_locked"], ["bind_locked"]]
    clock.move(timedelta(hours=1))
    client_id = await branch.client()
    await chat.say(await code_for(branch, client_id))
    assert (await chat.say("123X")).keys == ["bind_done"]


async def test_a_wrong_last_four_tells_how_many_tries_are_left(branch: Branch) -> None:
    client_id = await branch.client()
    chat = await branch.chat()
    await chat.say(await code_for(branch, client_id))
    assert "2次" in str(await chat.say("0000"))
    assert (await chat.say("123X")).keys == ["bind_done"]


async def test_binding_can_be_left_and_a_question_asked_meanwhile(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say(await code_for(branch, await branch.client()))
    assert (await chat.say("股票几点开盘")).keys == ["answer"]
    assert (await chat.say("取消")).keys == ["bind_cancelled"]
    assert (await chat.say("1234", finding=Finding(Outcome.UNKNOWN))).keys == ["question_unknown"]


async def test_a_bound_chat_is_told_so(branch: Branch) -> None:
    chat = await branch.chat()
    client_id = await branch.client()
    await branch.own(chat, client_id)
    assert (await chat.say("绑定")).keys == ["bind_already"]
    assert (await chat.say(await code_for(branch, client_id))).keys == ["bind_already"]
    assert (await chat.say(await code_for(branch, await branch.client()))).keys == ["bind_other_client"]


async def test_letting_go_is_confirmed_first(branch: Branch) -> None:
    chat = await branch.chat()
    assert (await chat.say("解绑")).keys == ["bind_not_bound"]
    client_id = await branch.client()
    await branch.own(chat, client_id)
    await chat.say("解绑")
    assert (await chat.say("取消")).keys == ["bind_cancelled"]
    assert await owner(chat) == client_id
    await chat.say("解绑")
    assert (await chat.say("确认")).keys == ["bind_unbound"]
    assert await owner(chat) is None


async def test_words_and_numbers_are_no_codes(branch: Branch) -> None:
    chat = await branch.chat()
    for text in ("transfer", "23456789", "13812345678", "2026-11-23"):
        assert "bind_wrong_code" not in (await chat.say(text)).keys


async def test_who_cannot_answer_is_left_to_staff_as_long_as_the_code_lives(
    branch: Branch, clock: MovableClock
) -> None:
    """A contact of a member: the code comes as the state of the adding, and nothing they write reaches us."""
    client_id = await branch.client()
    chat = await branch.chat(ChannelKind.WECOM)
    order = Order(client_id, None, WANTED, clock.now(), span=timedelta(days=7))
    code = await branch.write(lambda unit: branch.services.identity.issue(unit, order))
    assert (await chat.happens(EventKind.FOLLOWED, code)).keys == ["bind_by_staff"]
    again = await branch.chat(ChannelKind.WECOM)
    for value in (code, "salon_x", ""):  # greeted already by a member: staff find the code, and nothing is said
        assert (await again.happens(EventKind.RETURNED, value)).keys == []
        kept = await branch.read(lambda unit: conversations.by_id(unit, again.conversation_id))
        assert kept is not None
        assert dialogs.recall(kept, dialogs.BINDING, clock.now()) is not None
    clock.move(timedelta(days=6))
    found = await branch.read(lambda unit: conversations.by_id(unit, chat.conversation_id))
    assert found is not None
    assert found.client_id is None
    assert dialogs.recall(found, dialogs.BINDING, clock.now()) is not None
    assert dialogs.recall(found, dialogs.BINDING, clock.now() + timedelta(days=1)) is None
