"""Opting out, opting in, and what is agreed to."""

import pytest
from sqlalchemy import select, update

from bot.vocabulary import ChannelKind, ConsentPurpose
from storage.models import AuditRow, ChatAccountRow, ClientRow
from storage.repositories.consents import Statement
from storage.unit import Unit
from tests.handlers.rig import Branch, Chat


@pytest.mark.parametrize("word", ["退订", "TD", "unsubscribe", "stop"])
async def test_opting_out_holds_at_once_with_one_receipt(branch: Branch, word: str) -> None:
    chat = await branch.chat()
    await branch.own(chat, await branch.client())
    said = await chat.say(word)
    assert said.keys == ["preference_opted_out"]
    assert said.options == []
    assert list(await branch.read(lambda unit: unit.session.scalars(select(ClientRow.opted_out_at)).all())) == [
        branch.clock.now()
    ]
    assert list(await branch.read(lambda unit: unit.session.scalars(select(AuditRow.action)).all())) == [
        "client.opt_out"
    ]


async def test_opting_in_takes_it_back(branch: Branch) -> None:
    chat = await branch.chat()
    await branch.own(chat, await branch.client())
    await chat.say("退订")
    assert (await chat.say("订阅")).keys == ["preference_opted_in"]
    assert list(await branch.read(lambda unit: unit.session.scalars(select(ClientRow.opted_out_at)).all())) == [None]


async def test_an_unbound_chat_is_told_what_holds_and_what_it_needs(branch: Branch) -> None:
    chat = await branch.chat()
    assert (await chat.say("退订")).keys == ["preference_opted_out"]
    assert (await chat.say("订阅")).keys == ["bound_account_needed"]
    assert (await chat.say("偏好")).keys == ["bound_account_needed"]


async def test_what_is_agreed_to_is_told_purpose_by_purpose(branch: Branch) -> None:
    chat = await branch.chat()
    client_id = await branch.client()
    await branch.own(chat, client_id)

    def state(unit: Unit) -> None:
        care, product = ConsentPurpose.CARE, ConsentPurpose.PRODUCT
        for purpose, granted in [(care, True), (product, True), (care, False)]:
            said = Statement(client_id, purpose, granted, "v1", "webchat", branch.clock.now())
            branch.services.consents.state(unit, said)

    await branch.write(state)
    said = await chat.say("偏好")
    assert said.replies[0].parameters["enabled"] == "活动与产品"
    assert "生日节日问候" in str(said.replies[0].parameters["disabled"])


async def two_chats(branch: Branch) -> tuple[Chat, int]:
    """A client with two channels, and the chat they write in."""
    here, there = await branch.chat(), await branch.chat(ChannelKind.TELEGRAM)
    client_id = await branch.client()
    await branch.own(here, client_id)
    await branch.own(there, client_id)
    return here, client_id


async def preferred(branch: Branch, client_id: int) -> str | None:
    wanted = select(ClientRow.preferred_channel).where(ClientRow.id == client_id)
    return await branch.read(lambda unit: unit.session.scalars(wanted).one())


@pytest.mark.parametrize("way", ["首选渠道", "preferred channel"])
async def test_a_client_chooses_the_channel_they_are_written_to_first(branch: Branch, way: str) -> None:
    chat, client_id = await two_chats(branch)
    asked = await chat.say(way)
    assert asked.options == ["prefer:webchat", "prefer:telegram", "prefer:any"]
    assert (await chat.pick("prefer:telegram")).keys == ["preference_channel_set"]
    assert await preferred(branch, client_id) == "telegram"
    assert "Telegram" in str(await chat.say(way))
    assert (await chat.pick("prefer:any")).keys == ["preference_channel_any"]
    assert await preferred(branch, client_id) is None
    actions = await branch.read(lambda unit: unit.session.scalars(select(AuditRow.action)).all())
    assert list(actions) == ["client.prefer", "client.prefer"]


async def test_a_channel_let_go_since_can_no_longer_be_preferred(branch: Branch) -> None:
    chat, client_id = await two_chats(branch)
    await chat.say("首选渠道")
    freed = update(ChatAccountRow).where(ChatAccountRow.channel == "telegram").values(client_id=None)
    await branch.write(lambda unit: unit.session.execute(freed) and None)
    assert (await chat.pick("prefer:telegram")).keys == ["preference_channel_gone"]
    assert await preferred(branch, client_id) is None
    assert (await chat.say("首选渠道")).keys == ["preference_channel_single"]


async def test_the_preferences_lead_to_the_channels(branch: Branch) -> None:
    chat, _ = await two_chats(branch)
    assert (await chat.say("偏好")).options == ["channel"]
    assert (await chat.pick("channel")).keys == ["preference_channel_ask"]


async def test_a_chat_of_nobody_has_no_preferred_channel(branch: Branch) -> None:
    chat = await branch.chat()
    assert (await chat.say("首选渠道")).keys == ["bound_account_needed"]
