"""A branch from an empty folder: migrate, serve, a chat in the browser's words, and the end by Ctrl-C."""

import asyncio
import re
from pathlib import Path
from time import monotonic

import pytest

from tests.doubles.loopback import loopback_client
from tests.doubles.server import running
from tests.doubles.wechat import Manner, WechatClient, WechatDouble
from tests.journeys.conftest import Branch, wechat_settings
from tests.journeys.process import Server, database, rows, serving, until

START_SECONDS, END_SECONDS = 3.0, 5.0
"""What a quiet machine keeps; one that starts more slowly may end as much more slowly."""

JSON = {"Accept": "application/json"}
NUMBER = re.compile(r"TS\d{8}-\d{4}")
COMPLAINT = ("我要投诉", "柜台排队一个半小时没人理", "昨天上午", "书面道歉", "跳过", "确认")


@pytest.mark.asyncio(loop_scope="session")
async def test_a_visitor_asks_and_finds_the_conversation_again(branch: Branch) -> None:
    async with loopback_client(branch.server.root, patience=30.0) as http:
        assert (await http.get("/")).status_code == 200
        message = {"text": "股票几点开盘", "id": "0123456789abcdef"}
        answers = [await http.post("/chat/messages", data=message, headers=JSON) for _ in range(3)]
        page = await http.get("/")
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert all("9:15" in answer.json()["lines"][-1] for answer in answers)
    assert page.text.count("交易日9:15") == 1


@pytest.mark.asyncio(loop_scope="session")
async def test_a_visitor_complains_and_gets_a_number(branch: Branch) -> None:
    async with loopback_client(branch.server.root, patience=30.0) as http:
        answers = [await http.post("/chat/messages", data={"text": text}, headers=JSON) for text in COMPLAINT]
    assert {answer.status_code for answer in answers} == {200}
    said = "".join(answers[-1].json()["lines"])
    number = NUMBER.search(said)
    assert number, said
    registered = "SELECT state FROM tickets WHERE number = :number"
    assert rows(branch.url, registered, number=number[0]) == [("registered",)]


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/"])
async def test_the_addresses_of_the_service_answer(branch: Branch, path: str) -> None:
    async with loopback_client(branch.server.root) as http:
        assert (await http.get(path)).status_code == 200


async def test_ctrl_c_ends_it_with_a_page_open_and_nothing_accepted_is_lost(ready_url: str, tmp_path: Path) -> None:
    async with running(WechatDouble()) as double:
        server = Server(tmp_path, database(ready_url) | wechat_settings(double))
        double.hook = f"{server.root}/hooks/wechat"
        begun = monotonic()
        async with serving(server), loopback_client(server.root, patience=30.0) as http:
            slowness = max(1.0, (monotonic() - begun) / START_SECONDS)
            await http.post("/chat/messages", data={"text": "股票几点开盘"}, headers=JSON)
            async with http.stream("GET", "/chat/stream") as stream:
                writing = [asyncio.create_task(write_until_it_ends(double, number)) for number in range(4)]
                await until_answered(double, 4)
                async with asyncio.timeout(END_SECONDS * slowness):
                    assert await server.end() == 0
                assert "交易日9:15" in "".join([text async for text in stream.aiter_text()])
            accepted = {name for task in writing for name in await task}
            await server.start()
            await until(ready_url, "SELECT count(*) FROM inbox WHERE state <> 'handled'", 0)
        stored = {str(row[0]) for row in rows(ready_url, "SELECT platform_id FROM inbox WHERE channel = 'wechat'")}
        said = {row[0] for row in rows(ready_url, "SELECT inbox_id FROM deliveries")}
    assert accepted <= stored
    assert said == {row[0] for row in rows(ready_url, "SELECT id FROM inbox")}


async def write_until_it_ends(double: WechatDouble, number: int) -> list[str]:
    """The ids of the messages that the server acknowledged before it was gone."""
    client: WechatClient = double.client(f"oEnd{number:08}").by(Manner())
    accepted: list[str] = []
    while True:
        name = f"{client.openid}-{len(accepted)}"
        client.follower.wrote(double.clock.now())
        heard = await client.push({"MsgType": "text", "Content": "股票几点开盘", "MsgId": name})
        if 200 not in heard.statuses:
            return accepted
        accepted.append(name)


async def until_answered(double: WechatDouble, clients: int) -> None:
    """Every client has got something."""
    for number in range(clients):
        await double.ledger.arrived(f"oEnd{number:08}", 1, 30.0)
