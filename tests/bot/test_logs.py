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
from tests.privacy import Listener, logging_restored, private


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
    with logging_restored():
        logs.set_up("json", "info")
        logging.getLogger("room").warning("phone %s", "13900000000", extra={"number": "13900000000"})
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "phone [phone]"
    assert line["number"] == "[phone]"
    assert line["logger"] == "room"


CLIENT = "王晓明"


def lookup(name: str) -> None:
    """Fails, and names what was asked for."""
    try:
        raise KeyError(name)
    except KeyError as error:
        raise ExceptionGroup(name, [ValueError(f"no client is called {name}"), OSError(name)]) from error


def test_tells_kind_and_place_of_an_error_and_nothing_that_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_restored():
        logs.set_up("text", "info")
        try:
            lookup(CLIENT)
        except ExceptionGroup:
            logging.getLogger("room").exception("lookup failed")
    output = capsys.readouterr().err
    assert "lookup failed" in output
    assert all(kind in output for kind in ("KeyError", "ExceptionGroup", "ValueError", "OSError", "test_logs.py"))
    assert CLIENT not in output


async def test_an_event_stream_keeps_its_words_to_itself_at_every_level(capsys: pytest.CaptureFixture[str]) -> None:
    async def news() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(data="what was said")

    app = Starlette(routes=[Route("/", lambda _request: EventSourceResponse(news()))])
    with logging_restored():
        logs.set_up("text", "debug")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
            assert "what was said" in (await client.get("/")).text
    assert "what was said" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        "王晓明 is greeted",
        "said 几点开盘",
        "called 13800000000 twice",
        "id 11010119900307123X given",
        "POST /bot7001000001:AAdouble-secret_Token/sendMessage",
        "follower oClient1 left",
        "conversation wechat-12 is gone",
    ],
)
def test_the_run_of_tests_hears_what_no_line_may_hold(line: str) -> None:
    listener = Listener()
    listener.hear(logging.LogRecord("bot", logging.DEBUG, "x.py", 1, "%s", (line,), None))
    assert listener.found == [f"bot: {line} "]


def test_the_run_of_tests_hears_what_an_error_says() -> None:
    listener, error = Listener(), ValueError("no client with phone 13900000000")
    record = logging.LogRecord("bot", logging.ERROR, "x.py", 1, "failed", (), (ValueError, error, None))
    listener.hear(record)
    assert len(listener.found) == 1


def test_the_run_of_tests_leaves_harmless_lines_alone() -> None:
    lines = "wechat:main: delivery 24300000000000001 after 1763870400.5 s; recording:main rests; wechat account main"
    assert private(lines) == []


def test_a_digest_is_no_number_of_a_person() -> None:
    digests = "ends with 492993a81f022157002875365899afa9a9dc, follows a13800138000b"
    assert private(digests) == []
    assert len(private("1f 022157002875365899, 13800138000")) == 2
