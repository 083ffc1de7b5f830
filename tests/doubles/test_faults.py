"""Scripted faults really happen on the wire, and the ledger tells whether the delivery did."""

import asyncio
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.doubles.faults import Delay, Fault, HangUp, KillToken, errcode, flood, http_error, junk
from tests.doubles.hook import Hook
from tests.doubles.loopback import loopback_client
from tests.doubles.server import running
from tests.doubles.telegram import TelegramDouble
from tests.doubles.wechat import WechatDouble

CLIENT = 1001


@pytest_asyncio.fixture
async def double() -> AsyncIterator[TelegramDouble]:
    async with running(TelegramDouble()) as served:
        served.state.open_door = True
        yield served


async def send(double: TelegramDouble, patience: float = 5.0, chat: int = CLIENT) -> httpx.Response:
    async with loopback_client(double.root, patience) as http:
        return await http.post(f"/bot{double.token}/sendMessage", json={"chat_id": chat, "text": "a"})


@pytest.mark.parametrize("after", [False, True])
async def test_the_connection_is_cut(double: TelegramDouble, after: bool) -> None:
    double.faults.add(Fault(HangUp(), after=after))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await send(double)
    assert len(double.ledger.of(CLIENT)) == after
    assert [call.answer for call in double.ledger.calls] == [None]
    assert (await send(double)).status_code == 200


async def test_a_delay_outlasts_the_caller_after_delivery(double: TelegramDouble) -> None:
    double.faults.add(Fault(Delay(60), after=True))
    with pytest.raises(httpx.ReadTimeout):
        await send(double, patience=0.2)
    assert double.ledger.texts(CLIENT) == ["a"]


@pytest.mark.parametrize("after", [False, True])
async def test_a_server_error_and_junk(double: TelegramDouble, after: bool) -> None:
    double.faults.add(Fault(http_error(502), after=after), Fault(junk(), after=after))
    assert (await send(double)).status_code == 502
    answer = await send(double)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()
    assert len(double.ledger.of(CLIENT)) == 2 * after


async def test_a_fault_meets_only_its_method_recipient_and_count(double: TelegramDouble) -> None:
    double.faults.add(Fault(flood(7), method="sendMessage", recipient="2", times=2, skip=1))
    statuses = [(await send(double, chat=chat)).status_code for chat in (1, 2, 2, 1, 2, 3)]
    assert statuses == [200, 200, 429, 200, 429, 200]
    assert double.faults.script == []
    refused = [call.answer for call in double.ledger.called("sendMessage") if call.recipient == "2"][1]
    assert refused is not None
    assert refused.data["parameters"] == {"retry_after": 7}


async def test_a_killed_token_is_refused_on_telegram(double: TelegramDouble) -> None:
    double.faults.add(Fault(KillToken()))
    assert [(await send(double)).status_code for _ in range(2)] == [401, 401]


async def test_a_killed_token_and_any_code_on_wechat() -> None:
    async with running(WechatDouble()) as double, loopback_client(double.root) as http:
        token, _ = double.tokens.stable()
        double.faults.add(Fault(errcode(45011), method="getcallbackip"), Fault(KillToken(), method="getcallbackip"))
        url = f"/cgi-bin/getcallbackip?access_token={token}"
        codes = [(await http.get(url)).json()["errcode"] for _ in range(2)]
        assert codes == [45011, 40001]
        assert double.tokens.stable()[0] != token


async def test_the_webhook_gets_the_secret_and_tries_until_taken(double: TelegramDouble) -> None:
    async with running(Hook(statuses=[500, 503])) as hook, loopback_client(double.root) as http:
        await http.post(f"/bot{double.token}/setWebhook", json={"url": hook.url, "secret_token": "s-1"})
        double.pusher.pause = 0.01
        double.client(CLIENT).say("hello")
        async with asyncio.timeout(5):
            while double.feed.pending:
                await double.feed.bell.wait()
        assert len(hook.seen) == 3
        assert {pushed.headers["x-telegram-bot-api-secret-token"] for pushed in hook.seen} == {"s-1"}
        assert len({pushed.body for pushed in hook.seen}) == 1


async def test_a_poll_wakes_for_an_update_and_yields_to_a_second(double: TelegramDouble) -> None:
    async with loopback_client(double.root) as http:
        poll = f"/bot{double.token}/getUpdates?timeout=30"
        first = asyncio.create_task(http.get(poll))
        async with asyncio.timeout(5):
            await double.feed.bell.wait()
        second = asyncio.create_task(http.get(poll))
        assert (await first).status_code == 409
        double.client(CLIENT).say("hello")
        assert [update["message"]["text"] for update in (await second).json()["result"]] == ["hello"]


async def test_control_over_http(double: TelegramDouble) -> None:
    async with loopback_client(f"{double.root}/_double") as http:
        page = await http.get("/")
        said = await http.post("/say", json={"client": 7, "text": "hello"})
        scripted = await http.post("/faults", json=[{"effect": {"kind": "hang_up"}, "method": "sendMessage"}])
        refused = await http.post("/faults", json=[{"effect": {"kind": "earthquake"}}])
        unknown = await http.post("/say", json={"client": 7, "kind": "dance"})
    assert "Telegram" in page.text
    assert (said.status_code, refused.status_code, unknown.status_code) == (200, 400, 400)
    assert [update["kind"] for update in double.feed.pending] == ["message"]
    assert double.faults.script == [Fault(HangUp(), method="sendMessage")]
    assert scripted.json()[0]["effect"] == {"kind": "hang_up"}


async def test_the_ledger_over_http(double: TelegramDouble) -> None:
    await send(double)
    async with loopback_client(f"{double.root}/_double") as http:
        rows = (await http.get("/ledger", params={"recipient": CLIENT})).json()
        none = (await http.get("/ledger", params={"recipient": 2})).json()
        await http.delete("/ledger")
    assert [(row["recipient"], row["text"], row["via"]) for row in rows] == [(str(CLIENT), "a", "sendMessage")]
    assert none == double.ledger.all() == []


async def test_the_process_serves_all_and_ends_on_a_signal() -> None:
    arguments = [
        "-m",
        "tests.doubles",
        "--wechat-port",
        "0",
        "--telegram-port",
        "0",
        "--wecom-port",
        "0",
        "--open-door",
    ]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(30), loopback_client() as http:
        pages = [(await process.stdout.readline()).decode().removeprefix("# ").split() for _ in range(3)]
        named = [name in (await http.get(page)).text for name, page in pages]
        process.terminate()
        settings = (await process.stdout.read()).decode()
        assert await process.wait() == 0
    assert ([name for name, _ in pages], named) == (["WeChat", "Telegram", "WeCom"], [True] * 3)
    assert "QUANFU_TELEGRAM__API_ROOT=http://127.0.0.1:" in settings
