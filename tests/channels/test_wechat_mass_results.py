"""What became of mass sends: told by an event, else asked for by the one process that may ask."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import pytest_asyncio

from bot.channels.base import MemoryState
from bot.channels.wechat import WechatChannel
from bot.channels.wechat.mass import EVENT_WITHIN, PATIENCE
from bot.clock import MovableClock
from bot.errors import DatabaseBusy
from bot.messages import Event, StatusReport
from bot.vocabulary import DeliveryState
from tests.channels.kit_wechat import WechatKit, opened
from tests.channels.waiting import until
from tests.channels.wechat import HEAD, Pushing, outgoing
from tests.doubles.faults import Fault, errcode, http_error, junk
from tests.doubles.wechat import Mode

GET = "message/mass/get"
MANY = ("oClient1", "oClient2")
MESSAGE = replace(outgoing("明日休市一天。"), idempotency_key="0" * 32)


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        for openid in MANY:
            opened_kit.double.account.follower(openid)
        account = replace(opened_kit.account, mass_messages=True, results=0.01)
        opened_kit.channel = WechatChannel(account, opened_kit.channel_state, clock)
        yield opened_kit


async def sent(kit: WechatKit, minutes: timedelta = EVENT_WITHIN) -> str:
    """A mass send that was taken some minutes ago; the platform's number of it."""
    receipt = await kit.channel.send_group(MESSAGE, MANY)
    kit.clock.move(minutes)
    return receipt.platform_message_ids[0]


async def reported(kit: WechatKit) -> list[StatusReport | Event]:
    """The next reports of the poll."""
    async with asyncio.timeout(10), aclosing(kit.channel.poll()) as rounds:
        return [report for report in await anext(rounds) if isinstance(report, StatusReport)]


def open_jobs(kit: WechatKit) -> set[str]:
    """The numbers that are still to be asked after."""
    return set(json.loads(kit.channel_state.values.get("mass", "{}")))


def event(number: str, status: str) -> dict[str, object]:
    """The platform's event at the end of a mass send."""
    told = {"Event": "MASSSENDJOBFINISH", "MsgID": number.removeprefix("mass:"), "Status": status}
    return {**HEAD, "MsgType": "event", **told}


async def test_without_an_event_the_platform_is_asked_and_tells_success(kit: WechatKit) -> None:
    name = await sent(kit)
    assert await reported(kit) == [StatusReport(DeliveryState.SENT, name)]


async def test_a_send_is_asked_after_until_its_end_was_taken(kit: WechatKit) -> None:
    name = await sent(kit)
    first = await reported(kit)
    assert (first, open_jobs(kit)) == ([StatusReport(DeliveryState.SENT, name)], {name.removeprefix("mass:")})
    async with aclosing(kit.channel.poll()) as pages:
        assert await anext(pages) == first
        further = asyncio.ensure_future(anext(pages))
        await until(lambda: not open_jobs(kit))
        further.cancel()
        await asyncio.gather(further, return_exceptions=True)


async def test_a_refusal_of_the_review_is_found_by_asking(kit: WechatKit) -> None:
    kit.double.account.mass_outcome = "err(20001)"
    name = await sent(kit)
    assert await reported(kit) == [StatusReport(DeliveryState.FAILED, name, code="SEND_FAIL", rule="unclear")]
    assert kit.double.ledger.all() == []


async def test_an_event_makes_asking_needless(kit: WechatKit) -> None:
    name = await sent(kit, timedelta())
    received = await kit.channel.receive(Pushing().post(event(name, "send success")))
    assert received.items == [StatusReport(DeliveryState.SENT, name)]
    assert open_jobs(kit) == set()


async def test_an_event_whose_end_cannot_be_noted_is_taken_all_the_same(kit: WechatKit) -> None:
    class Gone(MemoryState):
        async def get(self, key: str) -> str | None:
            raise DatabaseBusy("gone")

    channel = WechatChannel(kit.account, Gone(), kit.clock)
    received = await channel.receive(Pushing().post(event("mass:9", "err(20001)")))
    assert received.items == [StatusReport(DeliveryState.FAILED, "mass:9", code="err(20001)", rule="content_refused")]


async def test_the_event_is_given_time_and_a_running_send_is_asked_after_again(kit: WechatKit) -> None:
    kit.double.account.mass_waits = True
    name = await sent(kit, EVENT_WITHIN - timedelta(seconds=1))
    async with aclosing(kit.channel.poll()) as pages:
        page = asyncio.ensure_future(anext(pages))
        await asyncio.wait([page], timeout=0.1)
        assert kit.double.ledger.called(GET) == []
        kit.clock.move(timedelta(seconds=1))
        await until(lambda: len(kit.double.ledger.called(GET)) >= 2)
        kit.double.account.jobs[0].status = "DELETE"
        assert await page == [StatusReport(DeliveryState.SENT, name)]


async def test_no_fault_ends_the_asking(kit: WechatKit) -> None:
    await sent(kit)
    for fault in (errcode(-1), http_error(), junk(), errcode(40059)):
        kit.double.faults.add(Fault(fault, GET))
    assert len(await reported(kit)) == 1


async def test_after_a_day_nobody_asks_any_more(kit: WechatKit) -> None:
    kit.double.account.mass_waits = True
    await sent(kit, PATIENCE)
    async with aclosing(kit.channel.poll()) as pages:
        page = asyncio.ensure_future(anext(pages))
        await until(lambda: not open_jobs(kit))
        assert not page.done()
        page.cancel()
        await asyncio.gather(page, return_exceptions=True)


async def test_a_send_that_cannot_be_noted_is_sent_all_the_same(kit: WechatKit) -> None:
    class Full(MemoryState):
        async def put(self, key: str, value: str, ttl: timedelta | None = None) -> None:
            if key == "mass":
                raise DatabaseBusy("full")
            await super().put(key, value, ttl)

    channel = WechatChannel(kit.account, Full(), kit.clock)
    assert (await channel.send_group(MESSAGE, MANY)).platform_message_ids
    await channel.close()


async def test_an_account_without_mass_sends_asks_nothing(clock: MovableClock) -> None:
    async with opened(clock, Mode.SAFE) as plain:
        assert [page async for page in plain.channel.poll()] == []
