"""What the platform pushes is verified, opened and read."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import WebhookRequest
from bot.clock import MovableClock
from bot.errors import BodyUnreadable, RequestStale, SignatureWrong
from bot.messages import Event, Incoming, StatusReport
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, EventKind, MessageKind
from tests.channels.wechat import ACCOUNT, HEAD, NOW, OPENID, OTHER_KEY, TEXT, Pushing, asking, channel
from tests.doubles.wechat import AES_KEY, Mode
from tests.doubles.wechat.cipher import signature
from tests.doubles.wechat.envelope import Seal

SENDER = Addressee(ChannelKind.WECHAT, "main", OPENID)
SENT_AT = datetime.fromtimestamp(NOW, UTC)


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_text_is_read_in_every_mode(mode: Mode) -> None:
    received = await channel().receive(Pushing(mode).post())
    assert received.items == (Incoming(SENDER, "24300000000000001", MessageKind.TEXT, "股票几点开盘", sent_at=SENT_AT),)
    assert received.answer.body == b"success"
    assert received.replay_key == f"{NOW}:1320562132"


async def test_a_request_that_calls_itself_raw_is_plain() -> None:
    assert (await channel().receive(asking(Pushing(Mode.PLAIN).post(), encrypt_type="raw"))).items


async def test_the_console_check_gets_its_echo_back() -> None:
    received = await channel().receive(Pushing().check())
    assert received.answer.body == b"5838479218127813673"
    assert received.items == ()
    assert received.replay_key is None


@pytest.mark.parametrize("aes_key", [AES_KEY, OTHER_KEY])
async def test_the_key_before_the_last_change_still_opens(aes_key: str) -> None:
    account = replace(ACCOUNT, previous_aes_key=OTHER_KEY)
    received = await channel(account).receive(Pushing(aes_key=aes_key).post())
    assert len(received.items) == 1


SAFE, PLAIN, CHECK = Pushing().post(), Pushing(Mode.PLAIN).post(), Pushing().check()
NOT_SIGNED: Mapping[str, WebhookRequest] = {
    "another token, safe": Pushing(token="another").post(),
    "another token, plain": Pushing(Mode.PLAIN, token="another").post(),
    "another token, check": Pushing(token="another").check(),
    "no parameters": replace(PLAIN, query={}),
    "no parameters, check": replace(CHECK, query={}),
    "wrong signature": asking(SAFE, signature="0" * 40),
    "wrong signature, plain": asking(PLAIN, signature="0" * 40),
    "wrong signature, check": asking(CHECK, signature="0" * 40),
    "signature not of letters": asking(PLAIN, signature="签名"),
    "half a character": asking(PLAIN, nonce="\ud800"),
    "half a character in the signature": asking(PLAIN, signature="\ud800"),
    "another nonce": asking(PLAIN, nonce="2"),
    "wrong second signature": asking(SAFE, msg_signature="0" * 40),
    "second signature is the first": asking(SAFE, msg_signature=SAFE.query["signature"]),
    "another body": replace(SAFE, body=Pushing().post(HEAD).body),
    "plain body under safe mode": replace(SAFE, body=PLAIN.body),
    "no body under safe mode": replace(SAFE, body=b""),
    "another key": Pushing(aes_key=OTHER_KEY).post(),
    "another account's message": Pushing(app_id="wx0another0another").post(),
}


@pytest.mark.parametrize("request_", NOT_SIGNED.values(), ids=NOT_SIGNED)
async def test_what_the_platform_did_not_sign_is_refused(request_: WebhookRequest) -> None:
    with pytest.raises(SignatureWrong):
        await channel().receive(request_)


async def test_a_cipher_text_without_a_key_is_refused() -> None:
    with pytest.raises(SignatureWrong):
        await channel(replace(ACCOUNT, aes_key=None)).receive(Pushing().post())


@pytest.mark.parametrize("encrypted", ["", "AAAA", "no base64", "A" * 43 + "=", "字"])
async def test_a_signed_but_damaged_cipher_text_is_refused(encrypted: str) -> None:
    signed = signature(Pushing().token, str(NOW), "1320562132", encrypted)
    body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    with pytest.raises(SignatureWrong):
        await channel().receive(replace(asking(SAFE, msg_signature=signed), body=body))


@pytest.mark.parametrize("request_", [SAFE, PLAIN, CHECK], ids=["safe", "plain", "check"])
@pytest.mark.parametrize("minutes", [-11, 11])
async def test_a_request_of_another_time_is_stale(request_: WebhookRequest, minutes: int) -> None:
    clock = MovableClock()
    clock.move(timedelta(minutes=minutes))
    with pytest.raises(RequestStale):
        await channel(clock=clock).receive(request_)


async def test_ten_minutes_are_not_yet_stale() -> None:
    clock = MovableClock()
    clock.move(timedelta(minutes=10))
    assert (await channel(clock=clock).receive(SAFE)).items


@pytest.mark.parametrize(
    "timestamp", ["", "now", f" {NOW}", f"0{NOW}", f"+{NOW}", "9" * 5000, "１７９５３９９２００", "²"]
)
async def test_a_time_in_another_spelling_is_stale(timestamp: str) -> None:
    with pytest.raises(RequestStale):
        await channel().receive(Pushing(Mode.PLAIN, seal=Seal(timestamp, "1")).post())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"\xff\xfe",
        b"<xml>",
        b"<xml/>",
        b"<other><FromUserName>o</FromUserName></other>",
        b"<xml><MsgType>text</MsgType></xml>",
        b"<xml><FromUserName>o</FromUserName></xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><FromUserName>&a;</FromUserName><MsgType>text</MsgType></xml>',
        b"{",
        b"[]",
        b'{"a":' * 20_000,
        b"null",
    ],
)
async def test_a_signed_but_unreadable_body_is_told_apart(body: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        await channel().receive(replace(PLAIN, body=body))


async def test_an_encrypted_but_unreadable_message_is_told_apart() -> None:
    with pytest.raises(BodyUnreadable):
        await channel().receive(Pushing().seal_up(b"no xml"))


async def test_a_json_push_is_read_like_an_xml_one() -> None:
    [from_xml] = (await channel().receive(PLAIN)).items
    [from_json] = (await channel().receive(replace(PLAIN, body=json.dumps(TEXT).encode()))).items
    assert from_json == from_xml


MESSAGES: Mapping[str, tuple[dict[str, object], MessageKind, str, dict[str, str]]] = {
    "empty text": ({"MsgType": "text", "Content": ""}, MessageKind.TEXT, "", {}),
    "text": ({"MsgType": "text", "Content": "a]]>b <x> &amp; 😀\n二"}, MessageKind.TEXT, "a]]>b <x> &amp; 😀\n二", {}),
    "image": (
        {"MsgType": "image", "PicUrl": "http://p.example/1", "MediaId": "m1"},
        MessageKind.IMAGE,
        "",
        {"url": "http://p.example/1", "media_id": "m1"},
    ),
    "voice": (
        {"MsgType": "voice", "MediaId": "m2", "Format": "amr", "Recognition": "开户"},
        MessageKind.VOICE,
        "开户",
        {"media_id": "m2", "format": "amr"},
    ),
    "voice without words": ({"MsgType": "voice", "MediaId": "m2"}, MessageKind.VOICE, "", {"media_id": "m2"}),
    "video": (
        {"MsgType": "shortvideo", "MediaId": "m3", "ThumbMediaId": "t3"},
        MessageKind.VIDEO,
        "",
        {"media_id": "m3", "thumbnail_id": "t3"},
    ),
    "location": (
        {"MsgType": "location", "Location_X": "31.2", "Location_Y": "121.4", "Scale": 15, "Label": "上海"},
        MessageKind.LOCATION,
        "上海",
        {"latitude": "31.2", "longitude": "121.4", "label": "上海"},
    ),
    "link": (
        {"MsgType": "link", "Title": "T", "Description": "D", "Url": "https://a.example"},
        MessageKind.LINK,
        "T\nhttps://a.example",
        {"title": "T", "description": "D", "url": "https://a.example"},
    ),
    "another": ({"MsgType": "hologram", "Content": "x"}, MessageKind.UNSUPPORTED, "", {}),
}


@pytest.mark.parametrize(("fields", "kind", "text", "media"), MESSAGES.values(), ids=MESSAGES)
async def test_every_kind_of_message(
    fields: dict[str, object], kind: MessageKind, text: str, media: dict[str, str]
) -> None:
    [item] = (await channel().receive(Pushing().post({**HEAD, **fields, "MsgId": 5}))).items
    assert item == Incoming(SENDER, "5", kind, text, sent_at=SENT_AT, media=media)


EVENTS: Mapping[str, tuple[dict[str, object], EventKind, str]] = {
    "follow": ({"Event": "subscribe", "EventKey": ""}, EventKind.FOLLOWED, ""),
    "follow by code": ({"Event": "subscribe", "EventKey": "qrscene_bind_7"}, EventKind.FOLLOWED, "bind_7"),
    "unfollow": ({"Event": "unsubscribe", "EventKey": ""}, EventKind.UNFOLLOWED, ""),
    "scan": ({"Event": "SCAN", "EventKey": "bind_7"}, EventKind.SCANNED, "bind_7"),
    "click": ({"Event": "CLICK", "EventKey": "hours"}, EventKind.CLICKED, "hours"),
    "view": ({"Event": "VIEW", "EventKey": "https://a.example"}, EventKind.VIEWED, "https://a.example"),
    "scan from the menu": ({"Event": "scancode_waitmsg", "EventKey": "code"}, EventKind.CLICKED, "code"),
    "scan that opens a page": ({"Event": "scancode_push", "EventKey": "code"}, EventKind.CLICKED, "code"),
    "place told by the phone": ({"Event": "LOCATION", "Latitude": "31.2"}, EventKind.OTHER, "location"),
    "mini program": ({"Event": "view_miniprogram", "EventKey": "pages/x"}, EventKind.OTHER, "view_miniprogram"),
    "picture from the menu": ({"Event": "pic_sysphoto", "EventKey": "code"}, EventKind.OTHER, "pic_sysphoto"),
    "result of nothing": ({"Event": "MASSSENDJOBFINISH"}, EventKind.OTHER, "masssendjobfinish"),
    "nameless": ({}, EventKind.OTHER, ""),
}
ANSWERED = {EventKind.FOLLOWED, EventKind.SCANNED, EventKind.CLICKED}


@pytest.mark.parametrize(("fields", "kind", "value"), EVENTS.values(), ids=EVENTS)
async def test_every_kind_of_event(fields: dict[str, object], kind: EventKind, value: str) -> None:
    received = await channel().receive(Pushing().post({**HEAD, "MsgType": "event", **fields}))
    [item] = received.items
    assert isinstance(item, Event)
    assert (item.sender, item.kind, item.value, item.sent_at) == (SENDER, kind, value, SENT_AT)
    assert (received.passive is not None) is (kind in ANSWERED)


NOTICES = {"SubscribeMsgSentEvent": {"List": [{"MsgID": 9, "ErrorCode": "0"}, {"MsgID": 10, "ErrorCode": "43101"}]}}
ONE_NOTICE = {"SubscribeMsgSentEvent": {"List": {"MsgID": "9", "ErrorCode": 0}}}
DELIVERED, FAILED = DeliveryState.DELIVERED, DeliveryState.FAILED
REPORTS: Mapping[str, tuple[dict[str, object], list[StatusReport]]] = {
    "template": (
        {"Event": "TEMPLATESENDJOBFINISH", "MsgID": 9, "Status": "success"},
        [StatusReport(DELIVERED, "template:9")],
    ),
    "limited": (
        {"Event": "TEMPLATESENDJOBFINISH", "MsgID": 9, "Status": "failed:freq limit"},
        [StatusReport(FAILED, "template:9", code="failed:freq limit")],
    ),
    "system": (
        {"Event": "TEMPLATESENDJOBFINISH", "MsgID": 9, "Status": "failed: system failed"},
        [StatusReport(FAILED, "template:9", code="failed: system failed")],
    ),
    "mass": (
        {"Event": "MASSSENDJOBFINISH", "MsgID": 9, "Status": "send success", "SentCount": 3, "ErrorCount": 1},
        [StatusReport(DeliveryState.SENT, "mass:9")],
    ),
    "refused": (
        {"Event": "MASSSENDJOBFINISH", "MsgID": 9, "Status": "err(20001)"},
        [StatusReport(FAILED, "mass:9", code="err(20001)", rule="content_refused")],
    ),
    "mass to nobody": (
        {"Event": "MASSSENDJOBFINISH", "MsgID": 9, "Status": "send fail", "SentCount": 0, "ErrorCount": 4},
        [StatusReport(FAILED, "mass:9", code="send fail")],
    ),
    "mass to some": (
        {"Event": "MASSSENDJOBFINISH", "MsgID": 9, "Status": "send fail", "SentCount": 1, "ErrorCount": 3},
        [StatusReport(FAILED, "mass:9", code="send fail", rule="unclear")],
    ),
    "notices": (
        {"Event": "subscribe_msg_sent_event", **NOTICES},
        [StatusReport(DELIVERED, "notice:9"), StatusReport(FAILED, "notice:10", code="43101")],
    ),
    "a notice": ({"Event": "subscribe_msg_sent_event", **ONE_NOTICE}, [StatusReport(DELIVERED, "notice:9")]),
}


@pytest.mark.parametrize(("fields", "reports"), REPORTS.values(), ids=REPORTS)
async def test_results_are_reports_and_no_words_of_a_client(
    fields: dict[str, object], reports: list[StatusReport]
) -> None:
    body = json.dumps({**HEAD, "MsgType": "event", **fields}).encode()
    received = await channel().receive(replace(PLAIN, body=body))
    assert (received.items, received.passive, received.answer.body) == (reports, None, b"success")


async def test_a_client_who_refuses_template_messages_has_gone() -> None:
    told = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": 9, "Status": "failed:user block"}
    report, gone = (await channel().receive(Pushing().post({**HEAD, "MsgType": "event", **told}))).items
    assert report == StatusReport(FAILED, "template:9", code="failed:user block", rule="gone")
    assert isinstance(gone, Event)
    assert (gone.sender, gone.kind) == (SENDER, EventKind.UNFOLLOWED)


async def test_a_line_of_a_menu_message_is_a_choice_and_opens_the_short_window() -> None:
    item = await read({**TEXT, "Content": "开户", "bizmsgmenuid": "account"})
    assert isinstance(item, Incoming)
    assert (item.kind, item.text, item.choice, item.by_menu) == (MessageKind.CHOICE, "开户", "account", True)


async def read(fields: Mapping[str, object]) -> Incoming | Event:
    [item] = (await channel().receive(Pushing().post({**HEAD, **fields}))).items
    assert not isinstance(item, StatusReport)
    return item


async def platform_id(fields: Mapping[str, object]) -> str:
    return (await read(fields)).platform_id


CLICK: Mapping[str, object] = {"MsgType": "event", "Event": "CLICK", "EventKey": "hours"}
NO_ID: Mapping[str, object] = {"MsgType": "text", "Content": "a"}


@pytest.mark.parametrize("fields", [CLICK, NO_ID, {"MsgType": "text", "Content": "a", "MsgId": 5}])
async def test_a_repeated_push_has_the_same_id(fields: Mapping[str, object]) -> None:
    assert await platform_id(fields) == await platform_id(fields)


@pytest.mark.parametrize(
    "other",
    [
        {"CreateTime": NOW + 1},
        {"FromUserName": "oClient2"},
        {"EventKey": "fees"},
        {"Event": "SCAN"},
        {"EventKey": "https://a.example/" + "x" * 1000},
        {"MsgID": 9},
    ],
)
async def test_events_of_one_second_are_told_apart(other: Mapping[str, object]) -> None:
    first, second = await platform_id(CLICK), await platform_id({**CLICK, **other})
    assert first != second
    assert len(second) <= 160
    assert OPENID not in second


@pytest.mark.parametrize("created", ["", "soon", "-1", "9" * 40, "²"])
async def test_a_strange_time_of_sending_is_left_out(created: str) -> None:
    assert (await read({**TEXT, "CreateTime": created})).sent_at is None


async def test_control_characters_do_not_come_through() -> None:
    body = json.dumps({**TEXT, "Content": "a\0b\x1b[1m\ud800c"}).encode()
    [item] = (await channel().receive(replace(PLAIN, body=body))).items
    assert isinstance(item, Incoming)
    assert item.text == "ab[1mc"


@pytest.mark.parametrize("mode", list(Mode))
async def test_control_characters_make_no_xml_unreadable(mode: Mode) -> None:
    [item] = (await channel().receive(Pushing(mode).post({**TEXT, "Content": "a\0b\x1b[1m\x07c\ufffe"}))).items
    assert isinstance(item, Incoming)
    assert item.text == "ab[1mc"


async def test_100_kilobytes_are_read() -> None:
    [item] = (await channel().receive(Pushing().post({**TEXT, "Content": "字" * 33_000}))).items
    assert isinstance(item, Incoming)
    assert len(item.text) == 33_000
