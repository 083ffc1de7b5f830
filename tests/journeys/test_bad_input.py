"""Whatever comes through a door gets an answer, and never an error of ours."""

import json
from collections.abc import Mapping

import pytest

from tests.doubles.loopback import loopback_client
from tests.doubles.wechat import ORIGINAL_ID, Heard, Mode
from tests.doubles.wechat.cipher import signature
from tests.journeys.conftest import SECRET_TOKEN, Branch, numbers, openid
from tests.journeys.process import rows

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXTS: Mapping[str, str] = {
    "nothing": "",
    "blanks": " \n\t ",
    "100 kB": "投诉处理太慢了，" * 4_300,
    "emoji": "😀👨‍👩‍👧🇨🇳",
    "end of CDATA": "a]]>b<![CDATA[c",
    "markup": "<b>&amp;</b>{{ 7*7 }}%s",
    "right to left": "\u202e股票\u200b几点开盘\ufeff",
    "digits": "99999999999999999999999",
    "sql": "'; DROP TABLE inbox; --",
}
CONTROL = "股票\x00\x07\x1b[31m几点\x7f开盘\ud800"
KINDS: Mapping[str, dict[str, object]] = {
    "sticker": {"MsgType": "text", "Content": "/::)"},
    "image": {"MsgType": "image", "PicUrl": "http://127.0.0.1/x", "MediaId": "m"},
    "voice without text": {"MsgType": "voice", "MediaId": "m", "Format": "amr"},
    "short video": {"MsgType": "shortvideo", "MediaId": "m", "ThumbMediaId": "t"},
    "location": {"MsgType": "location", "Location_X": "x", "Location_Y": "y"},
    "link": {"MsgType": "link", "Title": "T"},
    "unknown kind": {"MsgType": "hologram"},
    "no content": {"MsgType": "text"},
}


def polite(heard: Heard) -> bool:
    """Answered at the first try with some words."""
    return heard.statuses == (200,) and bool(heard.text)


@pytest.mark.parametrize("mode", [Mode.SAFE, Mode.PLAIN])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_any_text_on_wechat_is_answered(
    branch: Branch, text: str, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch.wechat, "mode", mode)
    client = branch.client()
    assert polite(await client.say(text))
    assert polite(await client.say("股票几点开盘"))


@pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)
async def test_any_kind_of_message_on_wechat_is_answered(branch: Branch, fields: dict[str, object]) -> None:
    assert polite(await branch.client().send(fields))


@pytest.mark.parametrize("event", ["VIEW", "TEMPLATESENDJOBFINISH", "user_enter_tempsession", "x" * 300])
async def test_events_that_need_no_answer_are_acknowledged(branch: Branch, event: str) -> None:
    assert await branch.client().event(event, "https://example.test/" + "y" * 500) == Heard((200,))


UNREADABLE = {
    "nothing": b"",
    "no XML": b"hello",
    "broken XML": b"<xml><FromUserName>a",
    "no sender": b"<xml><MsgType>text</MsgType></xml>",
    "an entity bomb": b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><xml><FromUserName>&b;</FromUserName></xml>',
    "no UTF-8": b"\xff\xfe<xml/>",
    "deep JSON": b"[" * 50_000,
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
async def test_a_signed_body_that_cannot_be_read_is_acknowledged_and_logged(branch: Branch, body: bytes) -> None:
    before = branch.server.log.count("signed but unreadable")
    stamp, nonce = str(int(branch.wechat.clock.now().timestamp())), str(next(numbers))
    query = {"timestamp": stamp, "nonce": nonce, "signature": signature(branch.wechat.token, stamp, nonce)}
    async with loopback_client() as http:
        answer = await http.post(branch.wechat.hook, params=query, content=body)
    assert (answer.status_code, answer.content) in [(200, b""), (200, b"success")]
    await branch.server.logged("signed but unreadable", before + 1)


async def test_half_a_character_and_control_signs_on_wechat_are_answered(branch: Branch) -> None:
    """In JSON, where they can be written: XML has no way to."""
    stamp, nonce = str(int(branch.wechat.clock.now().timestamp())), str(next(numbers))
    query = {"timestamp": stamp, "nonce": nonce, "signature": signature(branch.wechat.token, stamp, nonce)}
    head = {"ToUserName": ORIGINAL_ID, "FromUserName": openid(), "CreateTime": int(stamp), "MsgId": int(nonce)}
    body = json.dumps({**head, "MsgType": "text", "Content": CONTROL})
    async with loopback_client() as http:
        answer = await http.post(branch.wechat.hook, params=query, content=body)
    assert answer.status_code == 200
    assert "9:15" in answer.json()["Content"]


@pytest.mark.parametrize("text", [*TEXTS.values(), CONTROL], ids=[*TEXTS, "control signs"])
async def test_any_text_in_the_web_chat_is_answered(branch: Branch, text: str) -> None:
    async with loopback_client(branch.server.root, patience=30.0) as http:
        answer = await http.post(
            "/chat/messages",
            data={"text": text.encode("utf-8", "surrogatepass")},
            headers={"Accept": "application/json"},
        )
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["lines"]) >= 2


@pytest.mark.parametrize("content", [b"", b"\xff\xff=%zz&&&", b"text=%ff%fe", b"a=1&" * 20_000])
async def test_a_broken_form_in_the_web_chat_is_answered(branch: Branch, content: bytes) -> None:
    async with loopback_client(branch.server.root) as http:
        answer = await http.post("/chat/messages", content=content, headers={"Accept": "application/json"})
    assert answer.status_code < 500


MESSAGES: Mapping[str, dict[str, object]] = {
    **{name: {"text": text[:4096]} for name, text in TEXTS.items()},
    "sticker": {"sticker": {"file_id": "f", "file_unique_id": "f", "type": "regular", "width": 1, "height": 1}},
    "voice": {"voice": {"file_id": "f", "file_unique_id": "f", "duration": 1}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
}


@pytest.mark.parametrize("fields", MESSAGES.values(), ids=MESSAGES)
async def test_any_message_on_telegram_is_answered(branch: Branch, fields: dict[str, object]) -> None:
    number = next(numbers)
    person = branch.hooked.client(72_000_000_000 + number)
    person.chat.started = True
    head = {"message_id": number, "date": 1_790_000_000, "from": person.chat.as_person(), "chat": person.chat.as_chat()}
    assert await posted(branch, json.dumps({"update_id": 9_000_000 + number, "message": head | fields}).encode()) == 200
    await branch.hooked.ledger.arrived(person.chat_id, 1, 30.0)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"update_id": "x"}', b'{"update_id": 1, "poll": {}}', b"\xff"])
async def test_an_update_that_cannot_be_read_is_acknowledged(branch: Branch, body: bytes) -> None:
    before = rows(branch.url, "SELECT count(*) FROM inbox")
    assert await posted(branch, body) == 200
    assert rows(branch.url, "SELECT count(*) FROM inbox") == before


async def posted(branch: Branch, body: bytes) -> int:
    """What a call of the second bot comes to."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET_TOKEN}
    async with loopback_client(branch.server.root) as http:
        return (await http.post("/hooks/telegram/hooked", content=body, headers=headers)).status_code
