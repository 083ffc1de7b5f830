"""Opting out, opting in, and what is agreed to."""

from datetime import date, time

import pytest
from sqlalchemy import select, update

from bot.messages import Incoming
from bot.vocabulary import ChannelKind, ConsentPurpose, Locale, MessageKind
from bot.vocabulary.conditions import parse
from services import preferences
from services.consents import VERSION, Statement
from storage.models import AuditRow, ChatAccountRow, ClientRow, ConsentRow
from storage.segments import members
from storage.unit import Unit
from tests.handlers.rig import Branch, Chat


@pytest.mark.parametrize("word", ["退订", "TD", "unsubscribe", "stop", "取消订阅", "请不要再给我发消息了"])
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


async def test_who_names_one_kind_of_messages_stops_or_is_asked_for_that_one(branch: Branch) -> None:
    chat, client_id = await branch.chat(), await branch.client()
    await branch.own(chat, client_id)
    now = branch.clock.now()

    def agree(unit: Unit) -> None:
        for purpose in ConsentPurpose:
            branch.services.consents.state(unit, Statement(client_id, purpose, True, VERSION, "webchat", now))

    await branch.write(agree)
    for words in ("退订行情", "别再发广告了", "退订关怀消息"):
        assert (await chat.say(words)).keys == ["preference_consent_withdrawn"]
    left = await branch.read(lambda unit: branch.services.consents.current(unit, client_id))
    assert left == {ConsentPurpose.SERVICE, ConsentPurpose.EDUCATION, ConsentPurpose.FOLLOW_UP}
    assert (await chat.say("订阅行情")).keys == ["preference_consent_ask"]
    assert not await branch.read(lambda unit: preferences.wishes(unit, client_id).opted_out)


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
    assert "channel" in (await chat.say("偏好")).options
    assert (await chat.pick("channel")).keys == ["preference_channel_ask"]


async def test_a_chat_of_nobody_has_no_preferred_channel(branch: Branch) -> None:
    chat = await branch.chat()
    assert (await chat.say("首选渠道")).keys == ["bound_account_needed"]


async def mine(branch: Branch, *granted: ConsentPurpose) -> tuple[Chat, int]:
    """A client's chat, with these consents."""
    chat, client_id = await branch.chat(), await branch.client()
    await branch.own(chat, client_id)

    def state(unit: Unit) -> None:
        for purpose in granted:
            said = Statement(client_id, purpose, True, "v1", "webchat", branch.clock.now())
            branch.services.consents.state(unit, said)

    await branch.write(state)
    return chat, client_id


async def agreed(branch: Branch, client_id: int) -> set[ConsentPurpose]:
    return set(await branch.read(lambda unit: branch.services.consents.current(unit, client_id)))


async def test_a_purpose_is_turned_off_at_once_with_one_receipt(branch: Branch) -> None:
    chat, client_id = await mine(branch, ConsentPurpose.CARE, ConsentPurpose.PRODUCT)
    await chat.say("偏好")
    await chat.pick("prefs:consents")
    assert [option.label for option in chat.options][3:5] == ["关闭 活动与产品", "关闭 生日节日问候"]
    said = await chat.pick("consent:product:off")
    assert (said.keys, said.options) == (["preference_consent_withdrawn"], [])
    assert await agreed(branch, client_id) == {ConsentPurpose.CARE}


async def test_a_purpose_is_turned_on_by_a_yes_to_its_words_only(branch: Branch) -> None:
    chat, client_id = await mine(branch)
    for answer, purposes in [("no", set()), ("yes", {ConsentPurpose.EDUCATION})]:
        await chat.say("偏好")
        await chat.pick("prefs:consents")
        assert (await chat.pick("consent:education:on")).keys == ["preference_consent_ask"]
        assert await agreed(branch, client_id) == set()
        await chat.pick(f"consent:education:{answer}")
        assert await agreed(branch, client_id) == purposes
    kept = await branch.read(lambda unit: [tuple(row) for row in unit.session.execute(select(*_KEPT))])
    assert kept == [(ConsentPurpose.EDUCATION, True, VERSION, "webchat")]


_KEPT = (ConsentRow.purpose, ConsentRow.granted, ConsentRow.version, ConsentRow.channel)


async def test_after_a_stop_only_what_is_agreed_to_anew_comes_again(branch: Branch) -> None:
    chat, client_id = await mine(branch, ConsentPurpose.CARE, ConsentPurpose.PRODUCT)
    await chat.say("偏好")
    assert (await chat.pick("stop")).keys == ["preference_opted_out"]
    assert "您已停止全部非必要消息" in str(await chat.say("偏好"))
    await chat.pick("prefs:consents")
    await chat.say("偏好")
    await chat.pick("prefs:consents")
    await chat.pick("consent:care:off")
    await chat.say("偏好")
    await chat.pick("prefs:consents")
    await chat.pick("consent:care:on")
    assert "现在只恢复生日节日问候这一项" in str(await chat.pick("consent:care:yes"))
    assert await agreed(branch, client_id) == {ConsentPurpose.CARE}
    wanted = select(ClientRow.opted_out_at).where(ClientRow.id == client_id)
    assert await branch.read(lambda unit: unit.session.scalars(wanted).one()) is None


async def test_subjects_are_added_and_taken_off(branch: Branch) -> None:
    chat, client_id = await mine(branch)
    await chat.say("偏好")
    assert "主题：-" in str(await chat.pick("prefs:interests"))
    assert "主题：基金。" in str(await chat.pick("interest:funds"))
    assert "主题：基金 / 防范诈骗。" in str(await chat.pick("interest:fraud"))
    assert "主题：防范诈骗。" in str(await chat.pick("interest:funds"))
    wanted = members(parse({"field": "interest", "is": "has", "value": "fraud"}), date(2026, 11, 23))
    assert await branch.read(lambda unit: list(unit.session.scalars(wanted))) == [client_id]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("22:30-07:30", (time(22, 30), time(7, 30))),
        ("12：00至14：00", (time(12), time(14))),
        ("22点到7点30分", (time(22), time(7, 30))),
    ],
)
async def test_quiet_hours_are_picked_or_typed(branch: Branch, text: str, hours: tuple[time, time]) -> None:
    chat, client_id = await mine(branch)
    await chat.say("偏好")
    await chat.pick("prefs:quiet")
    for wrong in ("25:00-30:00", "晚上10点到7点"):
        assert (await chat.say(wrong)).keys == ["preference_quiet_ask"]
    assert (await chat.say(text)).keys == ["preference_quiet_set"]
    assert await quiet(branch, client_id) == hours
    await chat.say("偏好")
    assert f"{hours[0]:%H:%M}-{hours[1]:%H:%M}" in str(await chat.pick("prefs:quiet"))
    await chat.pick("quiet:20:00-09:00")
    assert await quiet(branch, client_id) == (time(20), time(9))
    await chat.say("偏好")
    await chat.pick("prefs:quiet")
    assert (await chat.pick("quiet:off")).keys == ["preference_quiet_off"]
    assert await quiet(branch, client_id) is None


async def quiet(branch: Branch, client_id: int) -> tuple[time, time] | None:
    return await branch.read(lambda unit: preferences.wishes(unit, client_id).quiet)


@pytest.mark.parametrize("text", ["25:00-07:00", "22:70-07:00", "8-9", "08:00-08:00", "10:00-11:00 再说"])
def test_what_is_no_span_of_hours_is_none(text: str) -> None:
    assert preferences.span_in(text) is None


async def test_the_language_holds_here_and_elsewhere(branch: Branch) -> None:
    chat, client_id = await mine(branch)
    await chat.say("偏好")
    await chat.pick("prefs:language")
    assert "English" in str(await chat.pick(f"speak:{Locale.EN}"))
    assert await branch.read(lambda unit: preferences.wishes(unit, client_id).locale) is Locale.EN
    said = await chat.say("preferences")
    assert "What would you like to change?" in str(said)
    assert "language: English" in str(said)


@pytest.mark.parametrize("value", ["prefs:quiet", "consent:care:yes", "interest:funds", "quiet:off", "consent:x:on"])
async def test_a_button_kept_after_unbinding_changes_nobody_s_wishes(branch: Branch, value: str) -> None:
    chat = await branch.chat()
    said = await chat.send(Incoming(chat.addressee, f"late-{value}", MessageKind.CHOICE, choice=value))
    assert said.keys == ["bound_account_needed"]
