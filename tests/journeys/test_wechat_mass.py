"""A mass send by the commands that staff type: a look at it on one phone, and what became of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio

from tests.doubles.server import running
from tests.doubles.wechat import WechatDouble
from tests.doubles.wechat.account import MassJob
from tests.journeys.conftest import wechat_settings
from tests.journeys.terminal import Terminal

BODY = "请核对联系方式。"
CREATE = ("broadcast", "create", "--as", "s05", "--name", "年末", "--purpose", "broadcast", "--body", BODY, "--draft")
PREVIEW = ("wechat", "mass", "preview", "1", "--to", "zhang_san")


@pytest_asyncio.fixture
async def wechat() -> AsyncIterator[WechatDouble]:
    async with running(WechatDouble()) as double:
        yield double


async def test_a_broadcast_is_seen_on_one_phone_before_it_goes_out(
    demo_terminal: Terminal, wechat: WechatDouble
) -> None:
    terminal = replace(demo_terminal, environment=wechat_settings(wechat))
    await asyncio.to_thread(terminal.told, *CREATE, "--asset-band", "from_100")
    assert "month" in await asyncio.to_thread(terminal.told, *PREVIEW, "--as", "s05")
    [entry] = wechat.ledger.all()
    assert (entry.via, entry.parcel.recipient, BODY in entry.text) == ("preview", "zhang_san", True)


async def test_what_became_of_a_mass_send_is_asked_and_an_article_taken_back(
    demo_terminal: Terminal, wechat: WechatDouble
) -> None:
    terminal = replace(demo_terminal, environment=wechat_settings(wechat))
    wechat.account.jobs.append(MassJob(9, "k", wechat.clock.now(), 2, "mpnews", "SEND_SUCCESS"))
    assert "sent" in await asyncio.to_thread(terminal.told, "wechat", "mass", "status", "mass:9")
    await asyncio.to_thread(terminal.told, "wechat", "mass", "delete", "9")
    assert "deleted" in await asyncio.to_thread(terminal.told, "wechat", "mass", "status", "9")
    assert "number" in await asyncio.to_thread(terminal.refused, "wechat", "mass", "status", "nine")
