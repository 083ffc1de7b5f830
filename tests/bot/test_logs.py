"""No log line names a person or shows a secret."""

import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.routing import Route

from bot import logs


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("called 10000000101 twice", "10000000101"),
        ("id 110101199003071234 given", "110101199003071234"),
        ("id 11010119900307123X given", "11010119900307123X"),
        ("POST /bot123456:AAE-secret_Token/sendMessage", "AAE-secret_Token"),
        ("GET /hooks/wechat?signature=abcdef&openid=oABC", "oABC"),
        ("https://x/cgi-bin/send?access_token=T0KEN", "T0KEN"),
        ("write to someone@example.com", "someone@example.com"),
    ],
)
def test_masks_persons_and_secrets(line: str, secret: str) -> None:
    assert secret not in logs.mask(line)


def test_leaves_harmless_numbers_alone() -> None:
    assert logs.mask("delivery 10000000101234 of 500") == "delivery 10000000101234 of 500"


def test_writes_masked_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json", "info")
    try:
        logging.getLogger("room").warning("phone %s", "13900000000", extra={"number": "13900000000"})
        line = json.loads(capsys.readouterr().err)
    finally:
        logging.basicConfig(force=True)
    assert line["event"] == "phone [phone]"
    assert line["number"] == "[phone]"
    assert line["logger"] == "room"


def test_masks_what_an_exception_says(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("text", "info")
    try:
        raise ValueError("no client with phone 13900000000")
    except ValueError:
        logging.getLogger("room").exception("lookup failed")
    finally:
        output = capsys.readouterr().err
        logging.basicConfig(force=True)
    assert "lookup failed" in output
    assert "13900000000" not in output


async def test_an_event_stream_keeps_its_words_to_itself_at_every_level(capsys: pytest.CaptureFixture[str]) -> None:
    async def news() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(data="what was said")

    app = Starlette(routes=[Route("/", lambda _request: EventSourceResponse(news()))])
    logs.set_up("text", "debug")
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
            assert "what was said" in (await client.get("/")).text
    finally:
        output = capsys.readouterr().err
        logging.basicConfig(force=True)
    assert "what was said" not in output
