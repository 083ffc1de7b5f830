"""Updates become the channel-free language, whatever a client does and whatever Telegram invents."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.base import MemoryState, WebhookRequest
from bot.channels.telegram import Command, TelegramAccount, TelegramChannel
from bot.errors import BodyUnreadable
from bot.messages import Event, Inbound, Incoming
from bot.vocabulary import EventKind, Locale, MessageKind
from tests.channels.kit_telegram import CHAT, HEADER, SECRET
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.telegram.feed import as_json

WORDS = {Locale.ZH_CN: "转人工", Locale.EN: "A person"}
CHAT_FIELDS = {"id": CHAT, "type": "private"}
PERSON = {"id": CHAT, "is_bot": False, "first_name": "Lin", "language_code": "zh-hans"}
MESSAGE = {"message_id": 3, "date": 1790000000, "chat": CHAT_FIELDS, "from": PERSON, "text": "你好"}
Json = dict[str, object]


@pytest_asyncio.fixture
async def channel() -> AsyncIterator[TelegramChannel]:
    """Pointed at nobody: reading needs no network."""
    account = TelegramAccount(
        TOKEN,
        api_root="http://127.0.0.1:1",
        secret_token=SECRET,
        public_url="https://branch.example",
        commands=(Command("person", WORDS, "handover"),),
    )
    opened = TelegramChannel(account, MemoryState())
    yield opened
    await opened.close()


@pytest.fixture
def double() -> TelegramDouble:
    """Not served: it only makes updates."""
    return TelegramDouble()


async def take(channel: TelegramChannel, update: object) -> Inbound | None:
    request = WebhookRequest("POST", {}, {HEADER: SECRET}, json.dumps(update).encode())
    items = (await channel.receive(request)).items
    assert len(items) <= 1
    return next((item for item in items if isinstance(item, Incoming | Event)), None)


async def take_last(channel: TelegramChannel, double: TelegramDouble) -> Inbound | None:
    return await take(channel, as_json(double.feed.pending[-1]))


async def test_a_text_has_its_words_time_language_and_number(channel: TelegramChannel) -> None:
    item = await take(channel, {"update_id": 81, "message": MESSAGE})
    assert isinstance(item, Incoming)
    assert (item.kind, item.text, item.platform_id) == (MessageKind.TEXT, "你好", "81-1790000000")
    assert (item.locale, item.sender.address) == (Locale.ZH_CN, str(CHAT))
    assert item.sent_at == datetime.fromtimestamp(1790000000, UTC)


async def test_a_number_that_comes_again_after_a_quiet_week_is_another_update(channel: TelegramChannel) -> None:
    query = {"from": MESSAGE["from"], "data": "menu"}
    updates: list[object] = [
        {"update_id": 81, "message": MESSAGE},
        {"update_id": 81, "message": MESSAGE | {"date": 1790700000}},
        {"update_id": 81, "callback_query": query | {"id": "7"}},
        {"update_id": 81, "callback_query": query | {"id": "8"}},
    ]
    names = [item.platform_id for item in [await take(channel, one) for one in updates * 2] if item]
    assert (len(names), len(set(names))) == (8, 4)


@pytest.mark.parametrize(
    ("language", "locale"),
    [("zh-hans", Locale.ZH_CN), ("zh-TW", Locale.ZH_CN), ("en", Locale.EN), ("de", Locale.EN), (None, None)],
)
async def test_the_language_of_the_app(channel: TelegramChannel, language: str | None, locale: Locale | None) -> None:
    person = PERSON | {"language_code": language}
    item = await take(channel, {"update_id": 81, "message": MESSAGE | {"from": person}})
    assert item is not None
    assert item.locale == locale


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("photo", MessageKind.IMAGE),
        ("voice", MessageKind.VOICE),
        ("document", MessageKind.FILE),
        ("sticker", MessageKind.STICKER),
    ],
)
async def test_files_name_where_they_can_be_fetched(
    channel: TelegramChannel, double: TelegramDouble, act: str, kind: MessageKind
) -> None:
    double.client(CHAT).do(act, "")
    item = await take_last(channel, double)
    assert isinstance(item, Incoming)
    assert item.kind == kind
    assert item.media["file_id"] in double.state.files
    assert int(item.media["size"]) == len(double.state.files[item.media["file_id"]])


async def test_the_caption_and_the_largest_size_of_a_photo_count(channel: TelegramChannel) -> None:
    sizes = [{"file_id": name, "file_size": 9} for name in ("small", "large")]
    item = await take(
        channel, {"update_id": 81, "message": MESSAGE | {"text": None, "photo": sizes, "caption": "receipt"}}
    )
    assert isinstance(item, Incoming)
    assert (item.kind, item.text, item.media["file_id"]) == (MessageKind.IMAGE, "receipt", "large")


async def test_the_pictures_of_an_album_name_it(channel: TelegramChannel) -> None:
    photo = {"text": None, "photo": [{"file_id": "f1", "file_size": 9}], "media_group_id": "139"}
    item = await take(channel, {"update_id": 82, "message": MESSAGE | photo})
    assert isinstance(item, Incoming)
    assert item.media["album"] == "139"


@pytest.mark.parametrize("name", ["video", "video_note", "animation"])
async def test_moving_pictures_are_videos(channel: TelegramChannel, name: str) -> None:
    file = {"file_id": "f1"}
    message = MESSAGE | {"text": None, name: file, "document": file if name == "animation" else None}
    item = await take(channel, {"update_id": 81, "message": message})
    assert isinstance(item, Incoming)
    assert item.kind == MessageKind.VIDEO


async def test_a_place(channel: TelegramChannel, double: TelegramDouble) -> None:
    double.client(CHAT).location()
    item = await take_last(channel, double)
    assert isinstance(item, Incoming)
    assert (item.kind, dict(item.media)) == (MessageKind.LOCATION, {"latitude": "31.23", "longitude": "121.47"})


@pytest.mark.parametrize(("own", "media"), [(True, {"phone": "+8613900000000"}), (False, {})])
async def test_only_ones_own_telephone_number_counts(
    channel: TelegramChannel, double: TelegramDouble, own: bool, media: dict[str, str]
) -> None:
    double.client(CHAT).contact(own=own)
    item = await take_last(channel, double)
    assert isinstance(item, Incoming)
    assert (item.kind, dict(item.media)) == (MessageKind.CONTACT, media)


async def test_a_card_of_an_unknown_person_does_not_count(channel: TelegramChannel) -> None:
    message = MESSAGE | {"text": None, "contact": {"phone_number": "13900000000", "first_name": "A"}}
    item = await take(channel, {"update_id": 81, "message": message})
    assert isinstance(item, Incoming)
    assert dict(item.media) == {}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("/start", EventKind.FOLLOWED, ""),
        ("/start@quanfu_double_bot", EventKind.FOLLOWED, ""),
        ("/start bind_42-x", EventKind.SCANNED, "bind_42-x"),
        ("/start not a parameter", EventKind.FOLLOWED, ""),
    ],
)
async def test_pressing_start(channel: TelegramChannel, text: str, kind: EventKind, value: str) -> None:
    item = await take(channel, {"update_id": 81, "message": MESSAGE | {"text": text}})
    assert isinstance(item, Event)
    assert (item.kind, item.value, item.platform_id) == (kind, value, "81-1790000000")


@pytest.mark.parametrize(
    ("text", "choice", "words"),
    [
        ("/person", "handover", "/person"),
        ("/Person@quanfu_double_bot now", "handover", "/Person@quanfu_double_bot now"),
        ("/help", None, "help"),
        ("/ask@quanfu_double_bot 股票几点开盘", None, "ask 股票几点开盘"),
        ("and/or", None, "and/or"),
        ("/", None, "/"),
    ],
)
async def test_commands(channel: TelegramChannel, text: str, choice: str | None, words: str) -> None:
    item = await take(channel, {"update_id": 81, "message": MESSAGE | {"text": text}})
    assert isinstance(item, Incoming)
    assert (item.kind, item.choice, item.text) == (MessageKind.CHOICE if choice else MessageKind.TEXT, choice, words)


async def test_an_edited_message_is_a_new_one(channel: TelegramChannel, double: TelegramDouble) -> None:
    double.client(CHAT).say("股票几点开盘")
    first = await take_last(channel, double)
    double.client(CHAT).edit(1, "基金几点开盘")
    second = await take_last(channel, double)
    assert isinstance(first, Incoming)
    assert isinstance(second, Incoming)
    assert second.text == "基金几点开盘"
    assert first.platform_id != second.platform_id


async def test_a_place_that_moves_is_told_once(channel: TelegramChannel, double: TelegramDouble) -> None:
    client = double.client(CHAT)
    client.location()
    first = await take_last(channel, double)
    assert isinstance(first, Incoming)
    assert first.kind is MessageKind.LOCATION
    client.move(1)
    assert await take_last(channel, double) is None


@pytest.mark.parametrize(("act", "kind"), [("block", EventKind.UNFOLLOWED), ("unblock", EventKind.RETURNED)])
async def test_blocking_and_letting_in_again(
    channel: TelegramChannel, double: TelegramDouble, act: str, kind: EventKind
) -> None:
    double.client(CHAT).do(act, "")
    item = await take_last(channel, double)
    assert isinstance(item, Event)
    assert (item.kind, item.sender.address) == (kind, str(CHAT))


async def test_groups_channels_and_bots_are_passed_over(channel: TelegramChannel, double: TelegramDouble) -> None:
    group = double.client(-1009001)
    for act in ("text", "photo", "block"):
        group.do(act, "hello")
        assert await take_last(channel, double) is None
    assert await take(channel, {"update_id": 81, "message": MESSAGE | {"from": PERSON | {"is_bot": True}}}) is None
    assert await take(channel, {"update_id": 81, "message": MESSAGE | {"from": None}}) is None


@pytest.mark.parametrize("name", ["dice", "poll", "game", "story"])
async def test_what_we_cannot_use_is_told_apart_from_the_platforms_own_notes(
    channel: TelegramChannel, name: str
) -> None:
    sent = await take(channel, {"update_id": 81, "message": MESSAGE | {"text": None, name: {"value": 3}}})
    note = await take(channel, {"update_id": 82, "message": MESSAGE | {"text": None, "pinned_message": MESSAGE}})
    assert isinstance(sent, Incoming)
    assert sent.kind == MessageKind.UNSUPPORTED
    assert note is None


@pytest.mark.parametrize(
    "update", [{}, None, [], 7, "text", {"update_id": None}, {"update_id": 1, "message": {}}, {"message": MESSAGE}]
)
async def test_a_signed_body_that_is_no_update_is_unreadable(channel: TelegramChannel, update: object) -> None:
    with pytest.raises(BodyUnreadable):
        await take(channel, update)


async def test_a_kind_of_update_from_the_future_is_passed_over(channel: TelegramChannel) -> None:
    assert await take(channel, {"update_id": 81, "thought": {"of": PERSON}}) is None


KNOWN = "message edited_message callback_query my_chat_member chat from id type text date photo contact user_id data"
NESTED = "file_id inline_keyboard reply_markup new_chat_member status location latitude longitude"
NAMES = st.sampled_from(f"{KNOWN} {NESTED}".split())
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just("private")
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, tree=TREES, message=st.booleans())
async def test_no_update_breaks_the_reader(channel: TelegramChannel, name: str, tree: object, message: bool) -> None:
    body: Json = {"message": MESSAGE | {name: tree}} if message else {name: tree}
    try:
        item = await take(channel, {"update_id": 81} | body)
    except BodyUnreadable:
        return
    assert item is None or item.sender.address
