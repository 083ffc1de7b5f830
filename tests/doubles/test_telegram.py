"""The Telegram double refuses what the Bot API refuses; driven with python-telegram-bot."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter
from telegram.request import HTTPXRequest

from bot.clock import MovableClock
from tests.doubles.loopback import loopback_client
from tests.doubles.server import running
from tests.doubles.telegram import TelegramDouble

CLIENT = 1001
GROUP = -1009001


@pytest_asyncio.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with running(TelegramDouble(MovableClock())) as served:
        served.state.chat(CLIENT).started = True
        yield served


def bot_of(double: TelegramDouble, token: str | None = None) -> Bot:
    request = HTTPXRequest(httpx_kwargs={"trust_env": False, "verify": False})
    root, files = f"{double.root}/bot", f"{double.root}/file/bot"
    return Bot(token or double.token, root, files, request=request, get_updates_request=request)


def keyboard(data: str = "pick:1") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("One", callback_data=data)]])


async def test_a_message_reaches_the_ledger_with_its_buttons(double: TelegramDouble) -> None:
    async with bot_of(double) as bot:
        sent = await bot.send_message(CLIENT, "<b>开盘</b> &lt;9:30&gt;", parse_mode="HTML", reply_markup=keyboard())
    [entry] = double.ledger.of(CLIENT)
    assert entry.text == sent.text == "开盘 <9:30>"
    assert [(button.label, button.data) for button in entry.buttons] == [("One", "pick:1")]
    assert [(entity.type, entity.offset, entity.length) for entity in sent.entities] == [("bold", 0, 2)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("字" * 4097, "Message is too long"),
        ("😀" * 2049, "Message is too long"),
        ("  \n", "Message text is empty"),
        ("<b></b>", "Message text is empty"),
        ("<b>open", "Can't parse entities: can't find end tag corresponding to start tag \"b\""),
        ("字<i>a</b>", 'Can\'t parse entities: unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a</b>", "Can't parse entities: unexpected end tag at byte offset 1"),
        ("1 < 2", 'Can\'t parse entities: unsupported start tag "" at byte offset 2'),
        ("<p>a</p>", 'Can\'t parse entities: unsupported start tag "p" at byte offset 0'),
    ],
)
async def test_unfit_text_is_refused(double: TelegramDouble, text: str, words: str) -> None:
    async with bot_of(double) as bot:
        with pytest.raises(BadRequest) as caught:
            await bot.send_message(CLIENT, text, parse_mode="HTML")
    assert caught.value.message.lower() == words.lower()
    assert double.ledger.all() == []


async def test_the_length_is_counted_after_parsing(double: TelegramDouble) -> None:
    async with bot_of(double) as bot:
        await bot.send_message(CLIENT, f"<b>{'a' * 4094}</b>&amp;&lt;", parse_mode="HTML")
    assert len(double.ledger.texts(CLIENT)[0]) == 4096


async def test_callback_data_is_limited_in_bytes(double: TelegramDouble) -> None:
    async with bot_of(double) as bot:
        await bot.send_message(CLIENT, "a", reply_markup=keyboard("字" * 21))
        with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
            await bot.send_message(CLIENT, "a", reply_markup=keyboard("字" * 22))


async def test_who_cannot_be_reached(double: TelegramDouble) -> None:
    double.client(2).block()
    double.state.chat(3)
    double.state.chat(GROUP).moved_to = -100777
    async with bot_of(double) as bot:
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(99, "a")
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(2, "a")
        with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
            await bot.send_message(3, "a")
        with pytest.raises(ChatMigrated) as caught:
            await bot.send_message(GROUP, "a")
    assert caught.value.new_chat_id == -100777


async def test_a_wrong_token_is_unauthorized(double: TelegramDouble) -> None:
    with pytest.raises(InvalidToken):
        async with bot_of(double, "1:wrong"):
            pass


async def test_an_unknown_method_is_not_found(double: TelegramDouble) -> None:
    async with loopback_client() as http:
        answer = await http.get(f"{double.root}/bot{double.token}/getEverything")
    assert (answer.status_code, answer.json()["error_code"]) == (404, 404)


@pytest.mark.parametrize("form", ["json", "data", "files", "query"])
async def test_every_encoding_is_read(double: TelegramDouble, form: str) -> None:
    fields = {"chat_id": str(CLIENT), "text": "中文"}
    url = f"{double.root}/bot{double.token}/sendMessage"
    async with loopback_client() as http:
        if form == "json":
            await http.post(url, json=fields)
        elif form == "query":
            await http.get(url, params=fields)
        else:
            await http.post(url, data=fields, files={"f": b"x"} if form == "files" else None)
    assert double.ledger.texts(CLIENT) == ["中文"]


async def test_broken_json_is_refused(double: TelegramDouble) -> None:
    async with loopback_client() as http:
        url = f"{double.root}/bot{double.token}/sendMessage"
        bad_body = await http.post(url, content=b"{", headers={"content-type": "application/json"})
        bad_markup = await http.post(url, data={"chat_id": str(CLIENT), "text": "a", "reply_markup": "[1"})
    assert (bad_body.status_code, bad_markup.status_code) == (400, 400)
    assert double.ledger.all() == []


async def test_one_chat_gets_a_burst_then_one_a_second(double: TelegramDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the library warns of its own change without it
    assert isinstance(double.clock, MovableClock)
    async with bot_of(double) as bot:
        for number in range(3):
            await bot.send_message(CLIENT, str(number))
        with pytest.raises(RetryAfter, match="Retry in 0:00:01"):
            await bot.send_message(CLIENT, "refused")
        double.clock.move(timedelta(seconds=1))
        await bot.send_message(CLIENT, "3")
    assert double.ledger.texts(CLIENT) == ["0", "1", "2", "3"]


async def raw_send(double: TelegramDouble, chat_id: int) -> httpx.Response:
    async with loopback_client() as http:
        url = f"{double.root}/bot{double.token}/sendMessage"
        return await http.post(url, json={"chat_id": chat_id, "text": "a"})


async def test_the_bot_gets_thirty_a_second(double: TelegramDouble) -> None:
    double.state.open_door = True
    answers = [await raw_send(double, 5000 + number) for number in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert answers[-1].json()["parameters"] == {"retry_after": 1}
    double.rates.enabled = False
    assert (await raw_send(double, 5031)).status_code == 200


async def test_a_group_gets_twenty_a_minute(double: TelegramDouble) -> None:
    assert isinstance(double.clock, MovableClock)
    double.state.chat(GROUP).started = True
    for _ in range(20):
        assert (await raw_send(double, GROUP)).status_code == 200
        double.clock.move(timedelta(seconds=1))
    refused = await raw_send(double, GROUP)
    assert refused.json()["parameters"] == {"retry_after": 40}


async def test_a_poll_holds_updates_until_confirmed(double: TelegramDouble) -> None:
    first = double.client(CLIENT).start("bind42")
    double.client(CLIENT).say("你好")
    async with bot_of(double) as bot:
        updates = await bot.get_updates()
        again = await bot.get_updates(offset=first + 1)
        none = await bot.get_updates(offset=first + 2)
    assert [update.message.text for update in updates if update.message] == ["/start bind42", "你好"]
    assert [update.update_id for update in again] == [first + 1]
    assert none == ()


async def test_only_the_kinds_asked_for_are_given(double: TelegramDouble) -> None:
    async with bot_of(double) as bot:
        await bot.get_updates(allowed_updates=["callback_query"])
        double.client(CLIENT).say("unseen")
        assert await bot.get_updates() == ()


async def test_a_pressed_button_comes_back_and_is_answered_once(double: TelegramDouble) -> None:
    async with bot_of(double) as bot:
        message = await bot.send_message(CLIENT, "Which?", reply_markup=keyboard())
        double.client(CLIENT).press("One")
        [update] = await bot.get_updates()
        query = update.callback_query
        assert query is not None
        assert (query.data, query.from_user.id) == ("pick:1", CLIENT)
        await query.answer()
        with pytest.raises(BadRequest, match="Query is too old"):
            await query.answer()
        await bot.edit_message_reply_markup(CLIENT, message.message_id)
    with pytest.raises(LookupError):
        double.client(CLIENT).press("One")


async def test_changing_nothing_is_refused(double: TelegramDouble) -> None:
    async with bot_of(double) as bot:
        message = await bot.send_message(CLIENT, "a", reply_markup=keyboard())
        with pytest.raises(BadRequest, match="not modified"):
            await bot.edit_message_reply_markup(CLIENT, message.message_id, reply_markup=keyboard())
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await bot.edit_message_reply_markup(CLIENT, 4711)


@pytest.mark.parametrize("kind", ["photo", "voice", "document", "sticker", "location", "contact", "block", "unblock"])
async def test_every_kind_of_update_parses(double: TelegramDouble, kind: str) -> None:
    double.client(CLIENT).do(kind, "")
    async with bot_of(double) as bot:
        [update] = await bot.get_updates()
    held = update.my_chat_member if "block" in kind else getattr(update.message, kind, None)
    assert held


async def test_an_edited_message_keeps_its_number(double: TelegramDouble) -> None:
    double.client(CLIENT).edit(77, "corrected")
    async with bot_of(double) as bot:
        [update] = await bot.get_updates()
    assert update.edited_message is not None
    assert (update.edited_message.message_id, update.edited_message.text) == (77, "corrected")


async def test_a_file_can_be_fetched(double: TelegramDouble) -> None:
    double.client(CLIENT).document(b"%PDF-1.7")
    async with bot_of(double) as bot:
        [update] = await bot.get_updates()
        assert update.message is not None
        assert update.message.document is not None
        file = await bot.get_file(update.message.document.file_id)
        fetched = await file.download_as_bytearray()
    assert fetched == b"%PDF-1.7"


async def test_polling_under_a_webhook_is_a_conflict(double: TelegramDouble) -> None:
    async with bot_of(double) as bot:
        await bot.set_webhook("http://127.0.0.1:9/hooks/telegram", secret_token="abc-1")
        with pytest.raises(Conflict):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == ()
        with pytest.raises(BadRequest, match=r"(?i)secret token contains unallowed"):
            await bot.set_webhook("https://a.example", secret_token="not allowed")


async def test_a_bad_command_name_is_refused(double: TelegramDouble) -> None:
    async with bot_of(double) as bot:
        await bot.set_my_commands([("help", "what I can do")])
        with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
            await bot.set_my_commands([("Help!", "what I can do")])
    assert double.state.bot.commands["default", ""] == [{"command": "help", "description": "what I can do"}]
