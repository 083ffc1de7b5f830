"""Whatever is pushed to the corp's address, the channel either takes it or refuses it in its own words."""

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import WebhookRequest
from bot.channels.tencent.notation import legible
from bot.errors import WebhookError
from tests.channels.wecom import HEAD, NOW, Pushing, channel
from tests.doubles.wechat.xml import write_xml

NAMES = ["msg_signature", "timestamp", "nonce", "echostr"]
QUERIES = st.dictionaries(st.sampled_from(NAMES), st.text() | st.just(str(NOW)))
FIELDS = st.sampled_from(
    (
        *("FromUserName", "MsgType", "Event", "ChangeType", "UserID", "ExternalUserID", "WelcomeCode", "Token"),
        *("OpenKfId", "Content", "MsgId", "CreateTime", "EventKey", "State", "MediaId", "Label", "Title", "Url"),
    )
)
WORDS = ["event", "text", "kf_msg_or_event", "change_external_contact", "add_external_contact", "subscribe"]
VALUES: st.SearchStrategy[object] = st.sampled_from(WORDS) | st.text() | st.integers()
NESTED = st.recursive(
    VALUES | st.none() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(FIELDS, inner), max_leaves=8
)


async def taken(request: WebhookRequest) -> bool:
    """Whether the request was taken; anything but a WebhookError fails the test."""
    try:
        received = await channel().receive(request)
    except WebhookError:
        return False
    assert received.answer.status == 200
    return True


@given(st.sampled_from(["GET", "POST", "PUT"]), QUERIES, st.binary())
async def test_no_unsigned_request_is_taken(method: str, query: dict[str, str], body: bytes) -> None:
    assert not await taken(WebhookRequest(method, query, {}, body))


@given(st.binary() | st.text().map(str.encode))
async def test_any_signed_body_is_taken_or_refused(body: bytes) -> None:
    await taken(Pushing().seal_up(body))


@given(st.dictionaries(FIELDS, st.sampled_from(WORDS) | st.text().map(legible) | st.integers()))
async def test_any_push_with_a_type_is_taken(fields: dict[str, object]) -> None:
    for kind in ("event", "text"):
        assert await taken(Pushing().seal_up(write_xml({**HEAD, **fields, "MsgType": kind}).encode()))


@given(st.dictionaries(FIELDS, NESTED))
async def test_any_json_is_taken_or_refused(fields: dict[str, object]) -> None:
    await taken(Pushing().seal_up(json.dumps(fields).encode()))
