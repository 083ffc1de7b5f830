"""Whatever comes in, the channel either takes it or refuses it in its own words."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import WebhookRequest
from bot.channels.tencent.notation import legible
from bot.errors import WebhookError
from tests.channels.wechat import HEAD, NOW, Pushing, channel
from tests.doubles.wechat import Mode
from tests.doubles.wechat.xml import write_xml

NAMES = ["signature", "timestamp", "nonce", "encrypt_type", "msg_signature", "echostr", "openid"]
QUERIES = st.dictionaries(st.sampled_from(NAMES), st.text() | st.just(str(NOW)) | st.just("aes"))
NAMES_OF_FIELDS = (
    *("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "Content", "MsgId"),
    *("MediaId", "Recognition", "Label", "Title", "Url"),
    *("MsgID", "Status", "List", "TemplateId", "SubscribeStatusString", "ErrorCode", "bizmsgmenuid"),
    *("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent"),
)
REPORTING = ("TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH")
NOTICES = ("subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event")
FIELDS = st.sampled_from(NAMES_OF_FIELDS)
VALUES: st.SearchStrategy[object] = st.text() | st.integers() | st.sampled_from(["event", "text", "subscribe", "SCAN"])
NESTED = st.recursive(
    VALUES | st.none() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(FIELDS, inner), max_leaves=8
)
SAFE, PLAIN = Pushing().post(), Pushing(Mode.PLAIN).post()


async def taken(request: WebhookRequest) -> bool:
    """Whether the request was taken, and then also answered; anything but a WebhookError fails the test."""
    try:
        received = await channel().receive(request)
    except WebhookError:
        return False
    if received.passive is not None:
        assert received.passive("收到") is not None
    return True


@given(st.sampled_from(["GET", "POST", "PUT"]), QUERIES, st.binary())
async def test_no_unsigned_request_is_taken(method: str, query: dict[str, str], body: bytes) -> None:
    assert not await taken(WebhookRequest(method, query, {}, body))


@given(st.binary() | st.text().map(str.encode))
async def test_any_signed_body_is_taken_or_refused(body: bytes) -> None:
    await taken(replace(PLAIN, body=body))
    assert not await taken(replace(SAFE, body=body))


@given(st.text())
async def test_any_encrypted_body_is_taken_or_refused(text: str) -> None:
    await taken(Pushing().seal_up(text.encode()))


@given(st.dictionaries(FIELDS, st.text().map(legible) | st.integers()))
async def test_xml_with_sender_and_type_is_taken(fields: dict[str, object]) -> None:
    push = write_xml({**fields, **HEAD, "MsgType": "text"}).encode()
    assert await taken(replace(PLAIN, body=push))
    assert await taken(Pushing().seal_up(push))


@given(st.dictionaries(FIELDS, NESTED))
async def test_json_with_sender_and_type_is_taken(fields: dict[str, object]) -> None:
    push = json.dumps({**fields, **HEAD, "MsgType": "event"})
    assert await taken(replace(PLAIN, body=push.encode()))
    assert await taken(Pushing().seal_up(push.encode()))


@given(st.sampled_from([*REPORTING, *NOTICES]), st.dictionaries(FIELDS, NESTED))
async def test_whatever_the_platform_reports_is_taken(event: str, fields: dict[str, object]) -> None:
    push = json.dumps({**fields, **HEAD, "MsgType": "event", "Event": event})
    assert await taken(replace(PLAIN, body=push.encode()))


@given(st.dictionaries(FIELDS, NESTED))
async def test_any_json_is_taken_or_refused(fields: dict[str, object]) -> None:
    await taken(replace(PLAIN, body=json.dumps(fields).encode()))


@given(st.integers(0, 400), st.integers(1, 255))
async def test_no_flipped_bit_comes_through_safe_mode(place: int, flip: int) -> None:
    start = SAFE.body.index(b"<Encrypt><![CDATA[") + len(b"<Encrypt><![CDATA[")
    body = bytearray(SAFE.body)
    body[start + place % 300] ^= flip
    assert not await taken(replace(SAFE, body=bytes(body)))
