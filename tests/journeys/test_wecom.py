"""Clients write at a WeCom service desk to a server that was started by the command."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.doubles.__main__ import wecom_settings
from tests.doubles.server import running
from tests.doubles.wecom import OPEN_KFID, SECRETS, WecomDouble
from tests.journeys.conftest import fresh
from tests.journeys.process import Server, database, free_port, rows, serving, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLIENT, CONTACT = "wmJourney00000001", "wmJourney00000002"
HOURS = "交易日9:15—9:25开盘集合竞价"
STATES = "SELECT state FROM deliveries WHERE address = :address ORDER BY id"
COUNT = "SELECT count(*) FROM deliveries WHERE address = :address AND state = :state"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def corp(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[WecomDouble, Server, str]]:
    """A corp, and a branch that serves its desk."""
    folder = tmp_path_factory.mktemp("corp")
    async with AsyncExitStack() as stack:
        url = stack.enter_context(fresh(request, "sqlite", folder))
        double = await stack.enter_async_context(running(WecomDouble()))
        told = dict(line.split("=", 1) for line in wecom_settings(double))
        server = Server(folder, database(url) | told, port=free_port(), secrets=(*SECRETS, CLIENT, CONTACT))
        double.hook = f"{server.root}/hooks/wecom"
        await stack.enter_async_context(serving(server))
        yield double, server, url


async def test_a_client_at_the_desk_is_answered_once(corp: tuple[WecomDouble, Server, str]) -> None:
    double, server, url = corp
    assert await double.pusher.check(double.seconds)
    client = double.client(CLIENT)
    assert await client.say("股票几点开盘") == (200,)
    [answer] = await double.ledger.arrived(CLIENT, patience=20)
    assert (answer.via, answer.text[: len(HOURS)]) == ("kf", HOURS)
    await server.kill()
    double.desk.wrote(CLIENT, {"msgtype": "text", "text": {"content": "怎么开户"}})
    await server.start()
    assert len(await double.ledger.arrived(CLIENT, 2, patience=20)) == 2
    assert double.ledger.duplicates() == {}
    address = f"{OPEN_KFID}:{CLIENT}"
    await until(url, COUNT, 2, address=address, state="sent")
    client.refuse()
    await client.say("手续费")
    await until(url, COUNT, 1, address=address, state="failed")
    assert [state for (state,) in rows(url, STATES, address=address)] == ["sent", "sent", "failed"]


async def test_a_new_contact_is_greeted_in_time(corp: tuple[WecomDouble, Server, str]) -> None:
    double, _, _ = corp
    assert await double.client(CONTACT).befriend("ZhangSan") == (200,)
    [greeting] = await double.ledger.arrived(CONTACT, patience=20)
    assert greeting.via == "welcome"


async def test_a_member_who_writes_to_the_app_is_answered(corp: tuple[WecomDouble, Server, str]) -> None:
    double, _, _ = corp
    double.office.members.add("ZhangSan")
    said = {"FromUserName": "ZhangSan", "MsgType": "text", "Content": "股票几点开盘", "MsgId": 10**15}
    assert await double.push(said) == (200,)
    [answer] = await double.ledger.arrived("ZhangSan", patience=20)
    assert (answer.via, answer.text[: len(HOURS)]) == ("app", HOURS)
