"""Opting out, opting in, and what is agreed to."""

import pytest
from sqlalchemy import select

from bot.vocabulary import ConsentPurpose
from storage.models import AuditRow, ClientRow
from storage.repositories.consents import Statement
from storage.unit import Unit
from tests.handlers.rig import Branch


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
