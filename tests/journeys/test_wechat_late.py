"""An account that can only answer inside the request: a late reply comes with the answer to the next message."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.doubles.server import running
from tests.doubles.wechat import WechatClient, WechatDouble
from tests.journeys.blockade import replies_held
from tests.journeys.conftest import openid, wechat_settings
from tests.journeys.process import Server, database, serving, until

HOURS = "交易日9:15"
WAITING = "SELECT count(*) FROM deliveries WHERE address = :address AND state = 'pending' AND rule = 'window'"
GIVEN = "SELECT count(*) FROM deliveries WHERE address = :address AND state = 'sent' AND carried_by IS NOT NULL"


@pytest_asyncio.fixture
async def mute(ready_url: str, tmp_path: Path) -> AsyncIterator[WechatDouble]:
    """The platform of a subscription account with a server behind it."""
    async with AsyncExitStack() as stack:
        wechat = await stack.enter_async_context(running(WechatDouble()))
        wechat.account.permissions = frozenset()
        settings = database(ready_url) | wechat_settings(wechat)
        server = Server(tmp_path, settings | {"QUANFU_WECHAT__CUSTOMER_MESSAGES": "false"})
        wechat.hook = f"{server.root}/hooks/wechat"
        await stack.enter_async_context(serving(server))
        yield wechat


async def told_late(wechat: WechatDouble, url: str) -> WechatClient:
    """Somebody whose request was over before the reply: on SQLite the lock may come too late, so it is tried often."""
    for _ in range(10):
        client = wechat.client(openid())
        async with replies_held(url):
            heard = await client.say("股票几点开盘")
        if heard.text is None:
            return client
    pytest.fail("every reply was in time")


async def test_a_late_reply_comes_with_the_next_answer(mute: WechatDouble, ready_url: str) -> None:
    client = await told_late(mute, ready_url)
    await until(ready_url, WAITING, 1, address=client.openid)
    heard = await client.say("人工")
    assert heard.text is not None
    late, _, own = heard.text.partition("\n\n")
    assert late.startswith(HOURS)
    assert own
    await until(ready_url, GIVEN, 1, address=client.openid)
    assert [entry.via for entry in mute.ledger.of(client.openid)] == ["passive"]
    assert mute.ledger.called("message/custom/send") == []
