"""Welcome, menu, language, options out of date, and messages without words.

Next to nothing is written, so one kind of database is enough.
"""

import pytest

from bot.messages import Incoming
from bot.vocabulary import ChannelKind, EventKind, Locale, MessageKind
from services import branch as facts
from tests.handlers.rig import Branch


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.mark.parametrize("channel", [ChannelKind.WEBCHAT, ChannelKind.WECHAT, ChannelKind.TELEGRAM])
async def test_a_new_chat_is_welcomed_in_the_branch_s_name(branch: Branch, channel: ChannelKind) -> None:
    await branch.write(lambda unit: facts.replace(unit, {"name": "梧桐路营业部", "unknown": "x"}))
    said = await (await branch.chat(channel)).happens(EventKind.FOLLOWED)
    assert "梧桐路营业部" in str(said)
    assert said.options == ["faq:acct-open-how", "faq:bank-transfer-time", "faq:fee-commission", *CHOICES]


CHOICES = ["complaint", "person", "menu"]


async def test_other_events_are_left_without_words(branch: Branch) -> None:
    chat = await branch.chat()
    for kind in (EventKind.UNFOLLOWED, EventKind.VIEWED, EventKind.OTHER, EventKind.SCANNED):
        assert (await chat.happens(kind, "somewhere")).keys == []


async def test_who_cannot_write_to_us_is_offered_nothing_to_pick(branch: Branch) -> None:
    chat = await branch.chat(ChannelKind.WECOM)
    for value in ("", "salon_autumn"):
        said = await chat.happens(EventKind.FOLLOWED, value)
        assert (said.keys, said.options) == (["welcome_contact"], [])
        assert "服务人员本人" in str(said)


async def test_a_platform_s_menu_entry_is_an_option(branch: Branch) -> None:
    chat = await branch.chat(ChannelKind.WECHAT)
    assert (await chat.happens(EventKind.CLICKED, "menu")).keys == ["menu_main"]
    assert (await chat.happens(EventKind.CLICKED, "no such thing")).keys == ["option_stale"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("菜单", "menu_main"),
        ("/start", "welcome"),
        ("帮助", "help_text"),
        ("你好", "question_greeting"),
        ("谢谢", "question_thanks"),
    ],
)
async def test_common_words_have_their_answers(branch: Branch, text: str, key: str) -> None:
    chat = await branch.chat()
    assert (await chat.say(text)).keys == [key]


async def test_every_menu_entry_leads_somewhere(branch: Branch) -> None:
    chat = await branch.chat()
    for value in (await chat.say("菜单")).options:
        await chat.say("菜单")
        said = await chat.pick(value)
        assert said.keys != ["option_stale"]
        await chat.say("取消")


async def test_the_language_changes_by_request_and_is_confirmed_in_the_new_one(branch: Branch) -> None:
    chat = await branch.chat()
    assert str(await chat.say("English please")) == "Language set to English."
    assert "own words" in str(await chat.say("help"))
    assert str(await chat.say("中文")) == "已切换为中文。"


async def test_an_option_out_of_date_says_so(branch: Branch) -> None:
    chat = await branch.chat()
    said = await chat.send(Incoming(chat.addressee, "old", MessageKind.TEXT, "3"), stale=True)
    assert said.keys == ["option_stale"]


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (MessageKind.STICKER, "unsupported_message"),
        (MessageKind.IMAGE, "unsupported_message"),
        (MessageKind.VOICE, "unsupported_message"),
        (MessageKind.UNSUPPORTED, "unsupported_message"),
        (MessageKind.RECALLED, "recalled_message"),
        (MessageKind.TEXT, "empty_message"),
    ],
)
@pytest.mark.parametrize("locale", list(Locale))
async def test_a_message_without_words_gets_a_polite_line(
    branch: Branch, kind: MessageKind, key: str, locale: Locale
) -> None:
    chat = await branch.chat(locale=locale)
    assert (await chat.say("", kind)).keys == [key]


async def test_the_branch_s_own_facts_replace_the_general_ones_and_seeding_again_does_not(branch: Branch) -> None:
    await branch.write(facts.seed)
    general = await branch.read(facts.present)
    assert general.say(facts.Fact.CRISIS_HOTLINE, Locale.ZH_CN) == "12356"
    await branch.write(lambda unit: facts.replace(unit, {"phone": "10000000000"}, demo=True))
    await branch.write(facts.seed)
    own = await branch.read(facts.present)
    assert own.say(facts.Fact.PHONE, Locale.ZH_CN) == "10000000000"
    assert own.say(facts.Fact.HOURS, Locale.EN).startswith("trading days")
