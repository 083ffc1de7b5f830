"""Long polling: nothing is confirmed before it is stored, one process polls at a time, and no fault ends it."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState
from bot.channels.telegram import Pace, PollingTelegramChannel, TelegramAccount
from bot.channels.telegram.polling import BREATH
from bot.clock import MovableClock
from bot.errors import DatabaseBusy
from bot.messages import Inbound, Incoming, Outgoing, ShownOption
from bot.vocabulary import Addressee, ChannelKind, MessageKind
from tests.channels.kit_telegram import CHAT, PATIENCE
from tests.channels.waiting import until
from tests.doubles.faults import Answer, Fault, HangUp, bot_refusal, flood, http_error, junk
from tests.doubles.server import running
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.telegram.feed import Webhook

QUICK = Pace(long_poll=1, retry=0.01, first_pause=0.01, longest_pause=0.02)
POLL = "getUpdates"
Pages = AsyncGenerator[Sequence[Inbound], None]


@dataclass
class ExpiringState(MemoryState):
    """Leases run out by a clock that the test moves; `faults` calls fail first."""

    clock: MovableClock = field(default_factory=MovableClock)
    leases: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    faults: int = 0
    refusals: int = 0

    async def lease(self, key: str, holder: str, ttl: timedelta) -> bool:
        if self.faults:
            self.faults -= 1
            raise DatabaseBusy
        owner, until = self.leases.get(key, (holder, self.clock.now()))
        if owner != holder and until > self.clock.now():
            self.refusals += 1
            return False
        self.leases[key] = (holder, self.clock.now() + ttl)
        return True

    async def release(self, key: str, holder: str) -> None:
        if self.leases.get(key, ("", None))[0] == holder:
            del self.leases[key]


@dataclass
class Stage:
    """The double, what is shared between processes, and the pollers opened so far."""

    double: TelegramDouble
    state: ExpiringState = field(default_factory=ExpiringState)
    opened: list[tuple[PollingTelegramChannel, Pages]] = field(default_factory=list)

    async def poller(self, pace: Pace = QUICK) -> Pages:
        account = TelegramAccount(TOKEN, api_root=self.double.root, patience=PATIENCE, pace=pace)
        channel = PollingTelegramChannel(account, self.state)
        await channel.open()
        self.opened.append((channel, channel.poll()))
        return self.opened[-1][1]

    async def close(self) -> None:
        for channel, pages in self.opened:
            await pages.aclose()
            await channel.close()


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    async with running(TelegramDouble()) as double:
        double.rates.enabled = False
        set_up = Stage(double)
        yield set_up
        await set_up.close()


async def texts(pages: Pages) -> list[str]:
    """The words of the next page."""
    async with asyncio.timeout(10):
        page = await anext(pages)
    return [item.text for item in page if isinstance(item, Incoming)]


async def test_a_page_is_confirmed_only_when_the_next_is_asked_for(stage: Stage) -> None:
    pages = await stage.poller()
    client = stage.double.client(CHAT)
    client.say("一")
    client.say("二")
    assert await texts(pages) == ["一", "二"]
    assert len(stage.double.feed.pending) == 2
    client.say("三")
    assert await texts(pages) == ["三"]
    assert len(stage.double.feed.pending) == 1


async def test_what_was_not_stored_is_given_to_the_next_process(stage: Stage) -> None:
    stage.double.client(CHAT).say("一")
    pages = await stage.poller()
    assert await texts(pages) == ["一"]
    await pages.aclose()
    assert await texts(await stage.poller()) == ["一"]


async def test_ids_that_start_again_lower_are_not_lost(stage: Stage) -> None:
    pages = await stage.poller()
    stage.double.client(CHAT).say("一")
    assert await texts(pages) == ["一"]
    waiting = asyncio.create_task(texts(pages))
    await until(lambda: len(stage.double.ledger.called(POLL)) >= 2 and not stage.double.feed.pending)
    stage.double.feed._next_id = 17
    stage.double.client(CHAT).say("二")
    assert await waiting == ["二"]
    assert stage.double.feed.pending[0]["update_id"] == 17


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        (HangUp(), "network"),
        (http_error(502), "network"),
        (junk(), "unreadable"),
        (Answer(200, "[]"), "unreadable"),
        (flood(1), "429"),
        (bot_refusal(401, "Unauthorized"), "token or address of the Bot API refused"),
        (bot_refusal(409, "Conflict"), "another process or a webhook takes the updates"),
    ],
)
async def test_faults_are_said_waited_out_and_lose_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture, effect: Answer | HangUp, told: str
) -> None:
    stage.double.faults.add(Fault(effect, POLL, times=2))
    stage.double.client(CHAT).say("一")
    assert await texts(await stage.poller()) == ["一"]
    assert caplog.text.count(f"telegram/main: no updates ({told})") == 2


async def test_a_page_whose_confirmation_failed_is_not_given_twice(stage: Stage) -> None:
    pages = await stage.poller()
    stage.double.client(CHAT).say("一")
    assert await texts(pages) == ["一"]
    stage.double.faults.add(Fault(HangUp(), POLL, times=2))
    stage.double.client(CHAT).say("二")
    assert await texts(pages) == ["二"]


async def test_a_webhook_set_by_somebody_else_is_waited_out(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    pages = await stage.poller()
    stage.double.client(CHAT).say("一")
    assert await texts(pages) == ["一"]
    stage.double.feed.webhook = Webhook("http://127.0.0.1:1/hook")
    waiting = asyncio.create_task(texts(pages))
    await until(lambda: "another process or a webhook" in caplog.text)
    stage.double.feed.webhook = Webhook()
    stage.double.client(CHAT).say("二")
    assert await waiting == ["二"]


async def test_a_server_that_knows_no_webhooks_is_polled_all_the_same(stage: Stage) -> None:
    refusal = bot_refusal(404, "Not Found: method not found")
    stage.double.faults.add(Fault(refusal, "deleteWebhook", times=1000), Fault(refusal, "setMyCommands", times=1000))
    stage.double.client(CHAT).say("一")
    assert await texts(await stage.poller()) == ["一"]


async def test_a_server_that_does_not_wait_is_not_flooded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    breaths = []
    sleep = asyncio.sleep

    async def counting(seconds: float) -> None:
        breaths.append(seconds)
        await sleep(0)

    pages = await stage.poller()
    stage.double.faults.add(Fault(Answer(200, '{"ok": true, "result": []}'), POLL, times=20))
    stage.double.client(CHAT).say("一")
    monkeypatch.setattr("bot.channels.telegram.polling.asyncio.sleep", counting)
    assert await texts(pages) == ["一"]
    assert breaths.count(BREATH) == 20


async def test_a_busy_database_is_waited_out(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.state.faults = 2
    stage.double.client(CHAT).say("一")
    assert await texts(await stage.poller()) == ["一"]
    assert caplog.text.count("no updates (DatabaseBusy)") == 2


async def test_an_unreadable_update_does_not_hold_up_the_others(stage: Stage) -> None:
    stage.double.feed.add("message", {"chat": "nonsense"})
    stage.double.client(CHAT).say("一")
    pages = await stage.poller()
    assert await texts(pages) == ["一"]
    stage.double.client(CHAT).say("二")
    assert await texts(pages) == ["二"]
    assert len(stage.double.feed.pending) == 1


async def test_rows_that_are_no_updates_are_passed_over(stage: Stage) -> None:
    half_a_sign = {"update_id": 5, "message": {"chat": {"id": CHAT}, "from": {"id": CHAT}, "text": "\ud800"}}
    rows: list[object] = [7, None, {"message": {}}, half_a_sign]
    stage.double.faults.add(Fault(Answer(200, json.dumps({"ok": True, "result": rows})), POLL))
    stage.double.client(CHAT).say("一")
    assert await texts(await stage.poller()) == ["一"]


async def test_one_process_polls_and_another_takes_over_when_its_lease_ends(stage: Stage) -> None:
    first, second = await stage.poller(), await stage.poller()
    stage.double.client(CHAT).say("一")
    assert await texts(first) == ["一"]
    waiting = asyncio.create_task(texts(second))
    await until(lambda: stage.state.refusals > 5)
    assert not waiting.done()
    assert len(stage.double.ledger.called(POLL)) == 1
    # From here on the first is as if killed: it neither comes back nor lets go.
    stage.state.clock.move(QUICK.lease + timedelta(seconds=1))
    assert await waiting == ["一"]


def test_a_killed_poller_is_replaced_within_fifteen_seconds() -> None:
    usual = Pace()
    assert usual.lease.total_seconds() + usual.retry <= 15
    assert usual.long_poll + 6 < usual.lease.total_seconds()


async def test_a_poller_that_ends_lets_go_at_once(stage: Stage) -> None:
    first, second = await stage.poller(), await stage.poller()
    stage.double.client(CHAT).say("一")
    assert await texts(first) == ["一"]
    await first.aclose()
    assert await texts(second) == ["一"]


async def test_cancelling_a_waiting_poll_lets_go(stage: Stage) -> None:
    pages = await stage.poller(replace(QUICK, long_poll=30))
    waiting = asyncio.create_task(texts(pages))
    await until(lambda: bool(stage.state.leases))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert stage.state.leases == {}


async def test_a_pressed_button_comes_as_a_choice_and_is_released(stage: Stage) -> None:
    pages = await stage.poller()
    stage.double.client(CHAT).say("一")
    await texts(pages)
    to = Addressee(ChannelKind.TELEGRAM, "main", str(CHAT))
    await stage.opened[0][0].send(Outgoing(1, to, "Which?", (ShownOption("faq:12", "开盘时间"),)))
    stage.double.client(CHAT).press("开盘时间")
    async with asyncio.timeout(10):
        [item] = await anext(pages)
    assert isinstance(item, Incoming)
    assert (item.kind, item.choice, item.text) == (MessageKind.CHOICE, "faq:12", "开盘时间")
    await until(lambda: None not in stage.double.state.queries.values())


async def test_what_is_asked_for_is_what_can_be_read(stage: Stage) -> None:
    stage.double.client(CHAT).say("一")
    await texts(await stage.poller())
    assert stage.double.feed.allowed == ["message", "edited_message", "callback_query", "my_chat_member"]
