"""Whatever is signed for one of our addresses, it is answered, and never with an error of ours."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from itertools import count
from typing import TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.base import MemoryState, WebhookRequest
from bot.channels.telegram import TelegramAccount, TelegramChannel
from tests.bot.addresses import addressed
from tests.channels import wechat, wecom
from tests.channels.kit_telegram import HEADER, SECRET
from tests.channels.test_telegram_reading import MESSAGE
from tests.doubles.telegram import TOKEN
from tests.doubles.wechat import Mode

TAKEN = {200, 400, 403}
STORED = 5
"""Of forty bodies at least so many come through to the database; else the test would prove little."""

Stamp = TypeVar("Stamp", wechat.Pushing, wecom.Pushing)
numbers = count(1)
WORDS = [
    "text",
    "event",
    "image",
    "location",
    "subscribe",
    "SCAN",
    "CLICK",
    "TEMPLATESENDJOBFINISH",
    "\x00",
    "字" * 700,
]
LEAVES: st.SearchStrategy[object] = (
    st.sampled_from(WORDS) | st.text(max_size=200) | st.integers() | st.none() | st.booleans()
)
PUSHED = (
    "FromUserName CreateTime MsgType Event EventKey Content MsgId MsgID MediaId Label Status ChangeType ExternalUserID"
)
UPDATED = "message callback_query my_chat_member edited_message chat from id text date data contact user_id type photo"
TEXT = {"MsgType": "text", "Content": "您好"}


def bodies(names: str, always: Mapping[str, object]) -> st.SearchStrategy[bytes]:
    """JSON with the platform's names and anything below them, or no JSON at all."""
    known = st.sampled_from(names.split())
    below = st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(known, inner, max_size=4), max_leaves=8
    )
    fields = st.dictionaries(known, below, max_size=6).map(lambda found: _written({**always, **found}))
    return fields | st.binary(max_size=200)


def _written(fields: Mapping[str, object]) -> bytes:
    """As JSON, under a number that no other body has."""
    number = next(numbers)
    return json.dumps({"MsgId": number, **fields, "update_id": number}).encode()


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    account = TelegramAccount(TOKEN, api_root="http://127.0.0.1:1", secret_token=SECRET, public_url="https://a.example")
    telegram = TelegramChannel(account, MemoryState())
    async with addressed(database_url, wechat.channel(), wecom.channel(), telegram) as (stand, caller):
        yield caller
        stored = len(await stand.inbox())
    await telegram.close()
    assert stored >= STORED


async def called(client: httpx.AsyncClient, address: str, request: WebhookRequest) -> int:
    """The status; anything that the application does not catch fails the test by itself."""
    answer = await client.request(
        request.method, address, params=request.query, content=request.body, headers=request.headers
    )
    return answer.status_code


def fresh(stamp: Stamp) -> Stamp:
    """Another nonce for each push: a known one would be refused before anything is read."""
    return replace(stamp, seal=replace(stamp.seal, nonce=str(next(numbers))))


few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(bodies(PUSHED, {**wechat.HEAD, **TEXT}), st.sampled_from(Mode))
async def test_wechat(client: httpx.AsyncClient, body: bytes, mode: Mode) -> None:
    assert await called(client, "/hooks/wechat", fresh(wechat.Pushing(mode)).seal_up(body)) in TAKEN


@few
@given(bodies(PUSHED, {**wecom.HEAD, **TEXT}))
async def test_wecom(client: httpx.AsyncClient, body: bytes) -> None:
    assert await called(client, "/hooks/wecom", fresh(wecom.Pushing()).seal_up(body)) in TAKEN


@few
@given(bodies(UPDATED, {"message": MESSAGE}))
async def test_telegram(client: httpx.AsyncClient, body: bytes) -> None:
    assert await called(client, "/hooks/telegram", WebhookRequest("POST", {}, {HEADER: SECRET}, body)) in TAKEN
