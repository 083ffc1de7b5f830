"""Texts outside a request reach the client once, under one token however many processes send."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.channels.base import ChannelState, MemoryState
from bot.channels.tencent import token
from bot.channels.wechat import WechatChannel
from bot.clock import MovableClock
from bot.errors import ChannelStopped, DatabaseBusy, OutcomeUnknown, TryLater, WindowClosed
from storage.channel_state import StoredState
from storage.engine import open_engines
from storage.unit import Database
from tests.channels.kit_wechat import SEND, WechatKit, opened
from tests.channels.wechat import OPENID, outgoing
from tests.doubles.faults import Answer, Fault, KillToken, errcode, http_error, junk
from tests.doubles.wechat import Mode

FETCH = "stable_token"
LONG = "市场有风险，投资需谨慎。" * 150
PROCESSES, TEXTS = 3, 16


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        yield opened_kit


def fetches(kit: WechatKit) -> int:
    return len(kit.double.ledger.called(FETCH))


async def test_opening_contacts_nobody(kit: WechatKit) -> None:
    await kit.channel.open()
    assert kit.double.ledger.calls == []


async def test_a_text_arrives_word_for_word(kit: WechatKit) -> None:
    receipt = await kit.channel.send(outgoing("1. 开户\n2. 转账 😀\x1b"))
    assert kit.got() == ["1. 开户\n2. 转账 😀"]
    assert receipt.platform_message_ids == ()


async def test_typing_is_shown_while_an_answer_is_written(kit: WechatKit) -> None:
    await kit.channel.typing(kit.client)
    until = kit.double.account.follower(OPENID).typing_until
    assert until == kit.clock.now() + timedelta(seconds=15)


@pytest.mark.parametrize("effect", [errcode(45080), errcode(45081), errcode(48001), http_error(), junk()])
async def test_typing_is_never_an_error(kit: WechatKit, effect: Answer) -> None:
    kit.double.faults.add(Fault(effect, "message/custom/typing"))
    await kit.channel.typing(kit.client)
    await kit.channel.send(outgoing())
    assert kit.got() == ["您好"]


async def test_an_account_that_may_not_send_shows_no_typing(kit: WechatKit) -> None:
    mute = WechatChannel(replace(kit.account, customer_messages=False), MemoryState(), kit.clock)
    await mute.typing(kit.client)
    assert kit.double.ledger.calls == []


async def test_a_long_text_goes_on_where_it_was_refused(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(errcode(-1), SEND, skip=1))
    with pytest.raises(TryLater):
        await kit.channel.send(outgoing(LONG))
    assert len(kit.got()) == 1
    await kit.channel.send(outgoing(LONG))
    assert len(kit.got()) == 3
    assert "".join(kit.got()) == LONG


async def test_a_long_text_goes_on_when_the_client_writes_again(kit: WechatKit) -> None:
    kit.double.account.follower(OPENID).windows["message"].left = 2
    with pytest.raises(WindowClosed):
        await kit.channel.send(outgoing(LONG))
    kit.double.account.follower(OPENID).wrote(kit.clock.now())
    await kit.channel.send(outgoing(LONG))
    assert "".join(kit.got()) == LONG


class CountingState(MemoryState):
    """A state that counts how often it is asked."""

    asked = 0

    async def get(self, key: str) -> str | None:
        self.asked += 1
        return await super().get(key)


async def test_who_waits_for_the_token_does_not_ask_the_database(kit: WechatKit) -> None:
    kit.double.account.open_door = True
    state = CountingState()
    channel = WechatChannel(kit.account, state, kit.clock)
    for killed in (False, True):
        if killed:
            kit.double.tokens.kill()
        await asyncio.gather(*(channel.send(outgoing("您好", f"o{number}")) for number in range(30)))
    await channel.close()
    assert (state.asked, fetches(kit)) == (4, 2)


class BrokenState(MemoryState):
    """A state whose database is gone for some calls."""

    broken: frozenset[str] = frozenset()

    async def get(self, key: str) -> str | None:
        if f"get {key}" in self.broken:
            raise DatabaseBusy("gone")
        return await super().get(key)

    async def put(self, key: str, value: str, ttl: timedelta | None = None) -> None:
        if f"put {key}" in self.broken:
            raise DatabaseBusy("gone")
        await super().put(key, value, ttl)


@pytest.mark.parametrize(
    ("call", "outcome", "arrived"),
    [("get token", TryLater, 0), ("get parts:7", TryLater, 0), ("put parts:7", OutcomeUnknown, 1)],
)
async def test_a_database_that_is_gone_repeats_nothing(
    kit: WechatKit, call: str, outcome: type[Exception], arrived: int
) -> None:
    state = BrokenState()
    state.broken = frozenset({call})
    channel = WechatChannel(kit.account, state, kit.clock)
    with pytest.raises(outcome):
        await channel.send(outgoing(LONG))
    await channel.close()
    assert len(kit.got()) == arrived


async def test_a_killed_token_is_replaced_once(kit: WechatKit) -> None:
    await kit.channel.send(outgoing("one"))
    kit.double.faults.add(Fault(KillToken(), SEND))
    await kit.channel.send(outgoing("two"))
    assert kit.got() == ["one", "two"]
    assert fetches(kit) == 2


async def test_a_token_refused_for_good_stops_the_channel(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(errcode(42001), SEND, times=99))
    with pytest.raises(ChannelStopped):
        await kit.channel.send(outgoing())
    calls = kit.double.ledger.calls
    assert [call.method for call in calls] == [FETCH, SEND, FETCH, FETCH, SEND]
    assert kit.got() == []


async def test_a_text_is_not_sent_twice_for_a_lost_answer(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(junk(), SEND, after=True))
    with pytest.raises(OutcomeUnknown):
        await kit.channel.send(outgoing())
    assert len(kit.double.ledger.called(SEND)) == 1


async def test_the_token_is_renewed_ahead_of_its_end(kit: WechatKit) -> None:
    await kit.channel.send(outgoing())
    kit.clock.move(timedelta(minutes=114, seconds=59))
    await kit.channel.send(outgoing())
    assert fetches(kit) == 1
    kit.clock.move(timedelta(seconds=1))
    await kit.channel.send(outgoing())
    await kit.channel.send(outgoing())
    assert fetches(kit) == 2


async def test_the_old_token_serves_while_the_new_one_cannot_be_had(kit: WechatKit) -> None:
    await kit.channel.send(outgoing())
    kit.clock.move(timedelta(minutes=116))
    kit.double.faults.add(Fault(http_error(), FETCH))
    await kit.channel.send(outgoing())
    await kit.channel.send(outgoing())
    assert fetches(kit) == 2
    kit.clock.move(timedelta(seconds=30))
    await kit.channel.send(outgoing())
    assert fetches(kit) == 3
    assert len(kit.got()) == 4


async def test_the_old_token_serves_while_another_process_renews_it(kit: WechatKit) -> None:
    await kit.channel.send(outgoing())
    kit.clock.move(timedelta(minutes=116))
    assert await kit.channel_state.lease("token", "another process", timedelta(seconds=30))
    await kit.channel.send(outgoing())
    assert (fetches(kit), len(kit.got())) == (1, 2)


async def test_a_process_waits_for_the_token_that_another_fetches(kit: WechatKit) -> None:
    state = MemoryState()
    waiting = WechatChannel(kit.account, state, kit.clock)
    assert await state.lease("token", "another process", timedelta(seconds=30))
    sending = asyncio.create_task(waiting.send(outgoing()))
    await kit.channel.send(outgoing("first"))
    written = await kit.channel_state.get("token")
    assert written is not None
    await state.put("token", written)
    await sending
    await waiting.close()
    assert (fetches(kit), kit.got()) == (1, ["first", "您好"])


async def test_a_process_does_not_wait_for_ever(kit: WechatKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token, "_PATIENCE", 0.2)
    state = MemoryState()
    waiting = WechatChannel(kit.account, state, kit.clock)
    assert await state.lease("token", "a dead process", timedelta(seconds=30))
    with pytest.raises(TryLater):
        await waiting.send(outgoing())
    await waiting.close()
    assert kit.got() == []


@pytest_asyncio.fixture
async def processes(kit: WechatKit, database_url: str, database: Database) -> AsyncIterator[Sequence[WechatChannel]]:
    """Channels of one account with connections of their own to one database."""
    async with AsyncExitStack() as stack:
        databases = [Database(open_engines(database_url), database.vault) for _ in range(PROCESSES)]
        states: list[ChannelState] = [StoredState(one, kit.clock, "wechat:main") for one in databases]
        channels = [WechatChannel(kit.account, state, kit.clock) for state in states]
        for opened_one, channel in zip(databases, channels, strict=True):
            stack.callback(opened_one.close)
            stack.push_async_callback(channel.close)
        yield channels


async def send_all(channels: Sequence[WechatChannel], text: str) -> None:
    """Every process sends to many clients at once."""
    places = [(channel, f"o{number}x{index}") for index, channel in enumerate(channels) for number in range(TEXTS)]
    await asyncio.gather(*(channel.send(outgoing(text, openid)) for channel, openid in places))


async def test_many_processes_make_one_fetch(kit: WechatKit, processes: Sequence[WechatChannel]) -> None:
    kit.double.account.open_door = True
    await send_all(processes, "cold")
    assert fetches(kit) == 1
    kit.double.tokens.kill()
    await send_all(processes, "killed")
    assert fetches(kit) == 2
    kit.clock.move(timedelta(minutes=118))
    await send_all(processes, "ahead")
    assert fetches(kit) == 3
    assert len(kit.double.ledger.all()) == 3 * PROCESSES * TEXTS
    assert not kit.double.ledger.duplicates()
