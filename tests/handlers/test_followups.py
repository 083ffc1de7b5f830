"""Messages that lean on what was said before them, in the turns of a conversation."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.vocabulary import ChannelKind, Locale
from services.knowledge.outcome import Finding, Outcome, Scored
from storage.models import MissRow
from tests.handlers.rig import Branch, Chat, Said

LISTED = Finding(Outcome.CLARIFY, tuple(Scored(name, 0.3) for name in ("perm-gem", "perm-star", "perm-hk")))
NOTHING = Finding(Outcome.UNKNOWN)


def answer(branch: Branch, entry_id: str) -> str:
    return branch.services.knowledge.entry(entry_id).answer


@pytest.mark.parametrize("channel", [ChannelKind.WEBCHAT, ChannelKind.WECHAT, ChannelKind.TELEGRAM])
async def test_half_a_question_goes_on_with_the_last_answer(branch: Branch, channel: ChannelKind) -> None:
    chat = await branch.chat(channel)
    await chat.say("创业板权限怎么开通")
    assert answer(branch, "perm-star") in str(await chat.say("那科创板呢"))
    assert answer(branch, "perm-bse") in str(await chat.say("北交所的呢"))


async def test_english_goes_on_in_english(branch: Branch) -> None:
    chat = await branch.chat(locale=Locale.EN)
    await chat.say("How do I open an account?")
    said = await chat.say("what does it cost?")
    assert str(branch.services.knowledge.entry("acct-open-fee").answer_en) in said.texts[0]


async def test_a_pick_from_a_list_is_what_the_conversation_is_about(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say(
        "开户", finding=Finding(Outcome.CANDIDATES, (Scored("acct-open-how", 0.4), Scored("bank-bind", 0.3)))
    )
    await chat.pick("faq:acct-open-how")
    assert answer(branch, "acct-open-docs") in str(await chat.say("需要带什么"))


async def later(branch: Branch, chat: Chat, minutes: int, turns: int) -> Said:
    await chat.say("怎么开户")
    for _ in range(turns):
        await chat.say("谢谢")
    branch.clock.move(timedelta(minutes=minutes))
    return await chat.say("需要多少钱")


@pytest.mark.parametrize(("minutes", "turns", "leans"), [(0, 0, True), (10, 1, True), (11, 0, False), (0, 2, False)])
async def test_a_topic_holds_ten_minutes_and_two_turns(branch: Branch, minutes: int, turns: int, leans: bool) -> None:
    said = await later(branch, await branch.chat(), minutes, turns)
    assert (answer(branch, "acct-open-fee") in str(said)) is leans


async def test_another_chat_s_topic_is_not_mine(branch: Branch) -> None:
    await (await branch.chat()).say("怎么开户")
    assert answer(branch, "acct-open-fee") not in str(await (await branch.chat()).say("需要多少钱"))


async def test_what_comes_next_can_be_picked(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("怎么开户")
    said = await chat.say("然后呢")
    assert said.keys == ["question_related"]
    assert said.options == ["faq:acct-open-docs", "faq:acct-open-time", "faq:bank-bind", "person"]
    assert answer(branch, "acct-open-time") in str(await chat.say("第二个"))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [("科创板的", "perm-star"), ("第三个", "perm-hk"), ("北交所", "perm-bse"), ("最后一个", "perm-hk")],
)
async def test_a_question_back_is_answered_in_words(branch: Branch, words: str, wanted: str) -> None:
    chat = await branch.chat()
    assert (await chat.say("权限怎么开", finding=LISTED)).keys == ["question_clarify"]
    assert answer(branch, wanted) in str(await chat.say(words))


async def test_several_questions_get_an_answer_each_with_one_notice(branch: Branch) -> None:
    chat = await branch.chat()
    said = await chat.say("怎么打新？佣金多少？")
    assert said.keys == ["answer_part", "answer_part"]
    assert "怎么参与新股申购" in said.texts[0]
    assert answer(branch, "ipo-how") in said.texts[0]
    assert answer(branch, "fee-commission") in said.texts[1]
    assert ["市场有风险" in text for text in said.texts] == [False, True]
    assert said.options == []


async def test_something_else_was_meant_shows_what_was_not_shown_then_a_person(branch: Branch) -> None:
    chat = await branch.chat()
    first = await chat.say("权限怎么开", finding=LISTED)
    second = await chat.say("都不对")
    assert second.keys == ["question_further"]
    assert not set(first.options[:-1]) & set(second.options[:-1])
    assert second.options[-1] == "none"
    third = await chat.say("不是这个")
    assert (third.keys, third.options[0]) == (["question_unknown_again"], "person")


async def test_a_certain_answer_that_was_not_meant_leads_on_without_a_list(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("印花税怎么收")
    said = await chat.say("不是这个")
    assert (said.keys, said.options) == (["candidates_none"], ["person"])


async def test_every_kind_of_miss_counts_until_something_is_found(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("股票几点开盘")
    assert (await chat.pick("useless:trade-hours")).keys == ["question_thanks_feedback"]
    assert (await chat.say("阿巴阿巴", finding=NOTHING)).keys == ["question_unknown_again"]
    await chat.say("权限怎么开", finding=LISTED)
    await chat.pick("faq:perm-gem")
    assert (await chat.say("阿巴阿巴", finding=NOTHING)).keys == ["question_unknown"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("那茅台能买吗", ["refusal_stock_advice"]),
        ("那我要投诉", ["complaint_ask_when"]),
        ("不想活了", ["complaint_crisis"]),
    ],
)
async def test_nothing_grave_is_taken_for_half_a_question(branch: Branch, text: str, keys: list[str]) -> None:
    chat = await branch.chat()
    await chat.say("怎么开户")
    assert (await chat.say(text)).keys == keys


async def test_advice_is_not_got_by_asking_for_another_name(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("怎么打新")
    assert (await chat.say("茅台能买吗")).keys == ["refusal_stock_advice"]
    assert (await chat.say("那五粮液呢")).keys == ["refusal_stock_advice"]
    assert (await chat.say("不是这个")).keys == ["candidates_none"]


async def test_an_older_list_that_is_turned_down_keeps_its_question(branch: Branch) -> None:
    chat = await branch.chat()
    await chat.say("权限怎么开", finding=LISTED)
    branch.clock.move(timedelta(minutes=11))
    assert (await chat.pick("none")).keys == ["question_further"]
    asked = await branch.read(lambda unit: unit.session.scalars(select(MissRow.question)).all())
    assert list(asked) == ["权限怎么开"]
