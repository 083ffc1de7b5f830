"""Web, worker and scheduler as processes of their own on one PostgreSQL database."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import create_engine, insert, select
from sqlalchemy.pool import NullPool

from storage.engine import normalise
from storage.models import Base
from tests.doubles.loopback import loopback_client
from tests.doubles.server import running
from tests.doubles.wechat import Heard, WechatDouble
from tests.journeys.blockade import replies_held
from tests.journeys.conftest import fresh, wechat_settings
from tests.journeys.process import SECONDS, Server, database, free_port, serving, until


@dataclass(frozen=True)
class Office:
    """Three processes, the platform, and the database between them."""

    url: str
    wechat: WechatDouble
    web: Server
    worker: Server
    scheduler: Server


@pytest_asyncio.fixture
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    """All three up; only the first listens."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(fresh(request, "postgres", tmp_path))
        wechat = await stack.enter_async_context(running(WechatDouble()))
        settings = database(url) | wechat_settings(wechat)
        web, *others = (Server(tmp_path, settings, role, free_port()) for role in ("web", "worker", "scheduler"))
        wechat.hook = f"{web.root}/hooks/wechat"
        for other in others:
            await stack.enter_async_context(serving(other))
        await stack.enter_async_context(serving(web))
        yield Office(url, wechat, web, *others)


async def said_by_the_worker(office: Office) -> None:
    """What the worker sends a visitor is heard on the stream that the other process holds."""
    async with loopback_client(office.web.root, SECONDS) as page:
        await page.get("/")
        await page.post("/chat/messages", data={"text": "你好", "id": "a" * 24})
        async with page.stream("GET", "/chat/stream") as stream:
            lines = stream.aiter_lines()
            while "data" not in await anext(lines):  # what was said before
                continue
            left_to_the_worker(office.url, "后台补发的话")
            while "后台补发的话" not in await anext(lines):
                continue


def left_to_the_worker(url: str, text: str) -> None:
    """A message for the only visitor, still to be sent."""
    deliveries = Base.metadata.tables["deliveries"]
    own = {"key": "left:1", "state": "pending", "text": text, "claimed_by": None, "claimed_at": None, "sent_at": None}
    engine = create_engine(normalise(url), poolclass=NullPool)
    with engine.begin() as connection:
        first = select(deliveries).where(deliveries.c.channel == "webchat").order_by(deliveries.c.id).limit(1)
        row = dict(connection.execute(first).one()._mapping)
        del row["id"]
        connection.execute(insert(deliveries).values(row | own | {"inbox_id": None, "attempts": 0}))


async def test_a_message_comes_in_by_one_process_and_its_late_reply_goes_out_by_another(office: Office) -> None:
    await office.scheduler.logged("this process keeps the time")
    client = office.wechat.client("oRoles00000001")
    assert (await client.say("股票几点开盘")).text is not None
    async with replies_held(office.url):
        heard = await client.say("怎么销户")
    assert heard == Heard((200,))
    await office.wechat.ledger.arrived(client.openid, 2, 30.0)
    assert [entry.via for entry in office.wechat.ledger.of(client.openid)] == ["passive", "custom"]
    await until(office.url, "SELECT count(*) FROM deliveries WHERE state = 'sent'", 2)
    await said_by_the_worker(office)
