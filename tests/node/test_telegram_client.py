"""The Telegram double as grammY finds it: calls, refusals, and a whole bot that polls it."""

from collections.abc import AsyncIterator

import pytest

from tests.doubles.faults import Fault, flood
from tests.doubles.server import running
from tests.doubles.telegram import TelegramDouble
from tests.node.asking import Told, ask, asked_one, needs_node

pytestmark = needs_node
CHAT = 4711


@pytest.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with running(TelegramDouble()) as served:
        yield served


async def told(double: TelegramDouble, *steps: tuple[object, ...]) -> list[Told]:
    """What the client makes of these calls."""
    return await ask("grammy", {"root": double.root, "token": double.token}, *steps)


async def test_it_writes_to_who_started_the_bot(double: TelegramDouble) -> None:
    double.client(CHAT).start()
    options = {"parse_mode": "HTML", "reply_markup": {"inline_keyboard": [[{"text": "好", "callback_data": "y"}]]}}
    me, sent, updates = await told(
        double, ("getMe",), ("sendMessage", CHAT, "<b>您好</b> &amp; 再见 👍", options), ("getUpdates",)
    )
    assert isinstance(me.value, dict)
    assert me.value["is_bot"] is True
    assert isinstance(sent.value, dict)
    assert sent.value["text"] == "您好 & 再见 👍"
    assert sent.value["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert isinstance(updates.value, list)
    assert updates.value[0]["message"]["text"] == "/start"
    assert double.ledger.texts(str(CHAT)) == ["您好 & 再见 👍"]


async def test_it_hears_every_no(double: TelegramDouble) -> None:
    double.client(CHAT).start()
    double.client(CHAT + 1).start()
    double.client(CHAT + 1).block()
    answers = await told(
        double,
        ("sendMessage", CHAT + 1, "您好"),
        ("sendMessage", CHAT + 2, "您好"),
        ("sendMessage", CHAT, ""),
        ("sendMessage", CHAT, "字" * 4097),
        ("sendMessage", CHAT, "<b>", {"parse_mode": "HTML"}),
        ("answerCallbackQuery", "0"),
    )
    assert [one.code for one in answers] == [403, 400, 400, 400, 400, 400]
    assert [one.words.split(":")[0] for one in answers] == ["Forbidden"] + ["Bad Request"] * 5
    assert double.ledger.all() == []


async def test_too_fast_says_how_long_to_wait(double: TelegramDouble) -> None:
    double.client(CHAT).start()
    double.faults.add(Fault(flood(7), "sendMessage"))
    scripted, *fast = await told(double, *(("sendMessage", CHAT, str(number)) for number in range(8)))
    assert (scripted.code, scripted.parameters) == (429, {"retry_after": 7})
    assert fast[-1].code == 429
    assert fast[-1].parameters == {"retry_after": 1}


async def test_a_wrong_token_is_unauthorized(double: TelegramDouble) -> None:
    [refused] = await ask("grammy", {"root": double.root, "token": "1:wrong"}, ("getMe",))
    assert refused.code == 401


async def test_a_webhook_shuts_polling(double: TelegramDouble) -> None:
    answers = await told(
        double, ("setWebhook", "https://branch.example/hook"), ("getWebhookInfo",), ("getUpdates",), ("deleteWebhook",)
    )
    assert [one.code for one in answers] == [0, 0, 409, 0]
    assert isinstance(answers[1].value, dict)
    assert answers[1].value["url"] == "https://branch.example/hook"


async def test_a_whole_bot_understands_what_people_do(double: TelegramDouble) -> None:
    person = double.client(CHAT)
    person.start("bind_815")
    person.say("几点开盘 👍")
    person.edit(2, "几点收盘")
    person.photo()
    person.contact()
    person.contact(own=False)
    person.block()
    person.unblock()
    settings = {"root": double.root, "token": double.token}
    heard = await asked_one("grammy bot", settings, "serve", 8)
    assert heard == [
        ["start", "bind_815"],
        ["text", "几点开盘 👍"],
        ["edited", "几点收盘"],
        ["photo", 1],
        ["contact", True],
        ["contact", False],
        ["member", "kicked"],
        ["member", "member"],
    ]
    person.press("Yes")
    assert await asked_one("grammy bot", settings, "serve", 1) == [["data", "y"]]
    assert not double.feed.pending
