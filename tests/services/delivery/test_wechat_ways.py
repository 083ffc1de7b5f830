"""The ways out of a WeChat account from the submission to the follower, beside the platform's double."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.channels.base import MemoryState
from bot.channels.wechat import Template, WechatAccount, WechatChannel
from bot.clock import MovableClock
from bot.messages import Incoming, Option, StatusReport
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, MessageKind
from services.delivery import receipts
from storage.repositories import arrivals, deliveries, notices
from storage.repositories.arrivals import Arrival
from storage.repositories.inbox import Lease
from tests.channels.wechat import ACCOUNT, HEAD, Pushing
from tests.doubles.server import running
from tests.doubles.wechat import WechatDouble
from tests.doubles.wechat.account import EVERYTHING
from tests.doubles.wechat.envelope import Seal
from tests.services.delivery.office import NOON, Office, opened
from tests.services.delivery.test_forms import PROGRESS
from tests.services.delivery.test_pump import with_broadcast
from tests.services.delivery.wishes import notice, reply

WECHAT = ChannelKind.WECHAT
NOTICES = {"complaint_progress": Template("SM1", {"number": "{{ number }}"})}
SENT = (DeliveryState.SENT, None)


@dataclass
class Stage:
    """A branch whose only account is the double's."""

    office: Office
    double: WechatDouble
    channel: WechatChannel

    async def clients(self, count: int, *, shut: bool) -> None:
        """Followers who wrote just now or, `shut`, two days ago."""
        await self.office.clients(count, kind=WECHAT)
        for number in range(1, count + 1):
            self.double.account.follower(f"wechat-{number}").wrote(NOON)
        if shut:
            self.office.clock.move(timedelta(hours=49))

    async def states(self) -> list[tuple[DeliveryState, str | None]]:
        """Send what is due; how each delivery stands then."""
        await self.office.drain(WECHAT)
        return [(row.state, row.rule) for row in await self.office.rows()]

    def got(self) -> list[tuple[str, str]]:
        """Who really has something, and by which way it came."""
        return sorted((entry.parcel.recipient, entry.via) for entry in self.double.ledger.all())


@asynccontextmanager
async def branch(url: str, account: WechatAccount) -> AsyncIterator[Stage]:
    """A branch with this account."""
    capabilities = WechatChannel(account, MemoryState(), MovableClock()).capabilities
    with opened(url, {(WECHAT, "main"): capabilities}) as office:
        async with running(WechatDouble(office.clock)) as double:
            channel = WechatChannel(replace(account, api_root=double.root), MemoryState(), office.clock)
            office.pump.channels = {(WECHAT, "main"): channel}
            yield Stage(office, double, channel)
            await channel.close()


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Stage]:
    """A verified service account."""
    async with branch(sqlite_url, replace(ACCOUNT, mass_messages=True, notices=NOTICES)) as stage:
        stage.double.account.notices["SM1"] = "{{number.DATA}}"
        yield stage


@pytest.fixture
async def subscription(sqlite_url: str) -> AsyncIterator[Stage]:
    """A subscription account: no customer-service messages, no lists, one mass send a day."""
    account = replace(ACCOUNT, mass_messages=True, mass_by_tag=True, customer_messages=False)
    async with branch(sqlite_url, account) as stage:
        stage.double.account.permissions = frozenset({"massall", "tags"})
        stage.double.account.jobs_a_day = 1
        yield stage


async def test_a_broadcast_by_tag_reaches_followers_and_names_who_left(subscription: Stage) -> None:
    await subscription.clients(3, shut=False)
    subscription.double.account.follower("wechat-2").subscribed = False
    await with_broadcast(subscription.office, "sending")
    assert await subscription.states() == [SENT, (DeliveryState.FAILED, "gone"), SENT]
    assert subscription.got() == [("wechat-1", "mass"), ("wechat-3", "mass")]


async def test_a_second_broadcast_on_a_day_waits_for_tomorrow(subscription: Stage) -> None:
    await subscription.clients(1, shut=False)
    subscription.double.account.jobs_a_day = 0
    await with_broadcast(subscription.office, "sending")
    assert await subscription.states() == [(DeliveryState.PENDING, "quota")]
    subscription.double.account.jobs_a_day = 1
    subscription.office.clock.move(timedelta(hours=24))
    assert await subscription.states() == [SENT]


async def test_a_refusal_of_the_review_fails_everybody_of_the_call(service: Stage) -> None:
    await service.clients(2, shut=True)
    service.double.account.mass_outcome = "err(20001)"
    await with_broadcast(service.office, "sending")
    assert await service.states() == [SENT, SENT]
    told = {"Event": "MASSSENDJOBFINISH", "MsgID": service.double.account.jobs[0].msg_id, "Status": "err(20001)"}
    seal = Seal(str(int(service.office.clock.now().timestamp())), "1")
    received = await service.channel.receive(Pushing(seal=seal).post({**HEAD, "MsgType": "event", **told}))
    reports = [item for item in received.items if isinstance(item, StatusReport)]
    office = service.office
    await office.database.write(lambda unit: receipts.take(unit, office.delivery, (WECHAT, "main"), reports))
    assert await service.states() == [(DeliveryState.FAILED, "content_refused")] * 2
    assert service.got() == []


async def test_a_notice_goes_to_who_allowed_it_and_to_nobody_else(service: Stage) -> None:
    await service.clients(2, shut=True)
    now = service.office.clock.now()
    await service.office.database.write(lambda unit: notices.allow(unit, 1, "SM1", now))
    service.double.account.follower("wechat-1").consents["SM1"] = 1
    for client in (1, 2):
        await service.office.submit(notice(client, f"n{client}", text_key="complaint_progress", parameters=PROGRESS))
    assert await service.states() == [SENT, (DeliveryState.PENDING, "window")]
    assert service.got() == [("wechat-1", "notice")]


async def test_options_offered_by_the_pump_can_be_tapped(service: Stage) -> None:
    await service.clients(1, shut=False)
    await service.office.submit(reply(1, options=(Option("faq:open", "如何开户"), Option("person", "转人工"))))
    assert await service.states() == [SENT]
    [entry] = service.double.ledger.all()
    assert [(button.label, button.data) for button in entry.parcel.buttons] == [
        ("1 如何开户", "faq:open"),
        ("2 转人工", "person"),
    ]
    assert (entry.parcel.form, entry.text) == ("msgmenu", "您好")


async def test_replies_of_an_account_that_turns_out_mute_come_with_the_next_message(service: Stage) -> None:
    service.double.account.permissions = EVERYTHING - {"custom"}
    await service.clients(1, shut=False)
    for key in ("a", "b"):
        await service.office.submit(reply(1, key, parameters={"body": key, "footer": ""}))
        await service.office.drain(WECHAT)
    assert await service.states() == [(DeliveryState.PENDING, "window")] * 2
    assert len(service.double.ledger.called("message/custom/send")) == 1
    now = service.office.clock.now()
    wrote = Incoming(Addressee(WECHAT, "main", "wechat-1"), "m1", MessageKind.TEXT, "在吗")
    lease = Lease("tester", now, now + timedelta(seconds=30))
    [stored] = await service.office.database.write(lambda unit: arrivals.accept(unit, [Arrival(wrote)], lease))
    conversation, row = stored.conversation_id, stored.inbox_id
    given = await service.office.database.write(lambda unit: deliveries.carry(unit, conversation, row, now))
    assert [one.text for one in given] == ["a", "b"]
