"""Webhooks: verified, stored once, answered inside the request where the platform lets us."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from starlette.applications import Starlette

from bot import webhooks
from bot.channels.base import Capabilities, HttpAnswer, Received, Route, WebhookRequest
from bot.channels.base import Unit as Measure
from bot.clock import MovableClock
from bot.errors import BodyUnreadable, ChannelStopped, DatabaseBusy, SignatureWrong
from bot.messages import Incoming, Option, Outgoing, Receipt, StatusReport, say
from bot.routing import Front, Said
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, MessageKind, Purpose
from bot.vocabulary.health import Observation, Remark
from bot.webhooks import LARGEST_BODY, Confirmations, Hooks, routes
from storage.engine import normalise
from storage.models import DeliveryRow
from storage.unit import Database, Unit
from tests.bot.stand import Stand, standing

HOOK = "/hooks/wechat"


@dataclass
class Plain:
    """A channel whose push is `id|sender|text`, signed by a word in the query, answered in the request."""

    account: str = "main"
    kind: ChannelKind = ChannelKind.WECHAT
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(100, Measure.BYTES, passive_reply=True))

    def routes(self) -> Sequence[Route]:
        """GET and POST."""
        return [Route()]

    async def receive(self, request: WebhookRequest) -> Received:
        """Verify and read."""
        if request.query.get("signature") != "right":
            raise SignatureWrong
        if request.method == "GET":
            return Received(HttpAnswer(body=request.query["echostr"].encode()))
        try:
            name, sender, text = request.body.decode().split("|", 2)
        except ValueError as error:
            raise BodyUnreadable from error
        if name == "report":
            return Received(items=[StatusReport(DeliveryState.READ, text)])
        message = Incoming(Addressee(self.kind, self.account, sender), name, MessageKind.TEXT, text)
        return Received(items=[message], passive=reply, replay_key=request.query.get("nonce"))

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Not in these tests."""
        raise ChannelStopped("unused")

    async def check(self, public_url: str | None) -> AsyncGenerator[Observation, None]:
        """Nothing is wrong with it."""
        yield Observation(Remark.RECORDER_READY)


def reply(text: str) -> HttpAnswer | None:
    """A passive reply; 100 signs fit."""
    return HttpAnswer(body=text.encode()) if len(text) <= 100 else None


@dataclass
class Web:
    """A client of the hooks of a stand."""

    stand: Stand
    client: httpx.AsyncClient
    confirmations: Confirmations
    reports: list[StatusReport]
    channel: Plain

    async def push(self, body: str | bytes, **query: str) -> httpx.Response:
        """A signed push, its passive reply confirmed."""
        content = body.encode() if isinstance(body, str) else body
        answer = await self.client.post(HOOK, params={"signature": "right", **query}, content=content)
        await self.confirmations.close()
        return answer


@pytest.fixture
async def web(database_url: str) -> AsyncIterator[Web]:
    async with serving(database_url, seconds=4.0) as ready:
        yield ready


def serving(url: str, seconds: float) -> "Serving":
    """The hooks on a database."""
    return Serving(url, seconds)


@dataclass
class Serving:
    """Opens and closes what a Web needs."""

    url: str
    seconds: float

    async def __aenter__(self) -> Web:
        self.standing = standing(self.url)
        stand = await self.standing.__aenter__()
        self.dispatcher = stand.dispatcher()
        reports: list[StatusReport] = []

        def receipts(unit: Unit, kind: ChannelKind, account: str, told: Sequence[StatusReport]) -> None:
            reports.extend(told)

        hooks = Hooks(stand.database, self.dispatcher, receipts, stand.clock, self.seconds)
        confirmations = Confirmations(hooks)
        channel = Plain()
        app = Starlette(routes=routes(hooks, confirmations, [channel, Plain("second")]))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hooks")
        return Web(stand, self.client, confirmations, reports, channel)

    async def __aexit__(self, *error: object) -> None:
        await self.client.aclose()
        await self.dispatcher.idle()
        await self.standing.__aexit__(None, None, None)


async def test_the_address_is_checked_with_get(web: Web) -> None:
    answer = await web.client.get(HOOK, params={"signature": "right", "echostr": "4711"})
    assert (answer.status_code, answer.text) == (200, "4711")


async def test_the_reply_goes_back_in_the_request_and_counts_as_sent(web: Web) -> None:
    answer = await web.push("m1|client-1|几点开盘")
    assert (answer.status_code, answer.text) == (200, "几点开盘")
    assert await web.stand.said() == [("sent", "几点开盘")]


async def test_two_replies_go_back_as_one(web: Web) -> None:
    web.stand.script.answer = lambda turn: (say("a", text="一"), say("b", text="二"))
    assert (await web.push("m1|client-1|几点开盘")).text == "一\n\n二"
    assert await web.stand.said() == [("sent", "一"), ("sent", "二")]


async def test_a_reply_that_does_not_fit_goes_by_the_pump(web: Web) -> None:
    web.stand.script.answer = lambda turn: (say("long", text="长" * 101),)
    assert (await web.push("m1|client-1|几点开盘")).content == b""
    assert [state for state, _ in await web.stand.said()] == ["pending"]


async def test_a_reply_does_not_overtake_one_that_the_pump_has_yet_to_send(web: Web) -> None:
    web.stand.script.answer = lambda turn: (say("long", text="长" * 101),)
    await web.push("m1|client-1|几点开盘")
    web.stand.script.answer = lambda turn: (say("short", text="短"),)
    assert (await web.push("m2|client-1|几点收盘")).text == ""
    assert (await web.push("m3|client-2|几点收盘")).text == "短"
    assert await web.stand.said() == [("pending", "长" * 101), ("pending", "短"), ("sent", "短")]


async def waiting(web: Web, *texts: str) -> None:
    """Replies to the first message that could not go out."""
    await web.push("m0|client-1|zuvor")
    row = {"purpose": Purpose.REPLY, "priority": 0, "state": DeliveryState.PENDING, "rule": "window"}
    row |= {"conversation_id": 1, "account_id": 1, "inbox_id": 1, "text_key": "echo"}
    now = web.stand.clock.now()
    rows = [DeliveryRow(key=f"w{n}", text=text, created_at=now, not_before=now, **row) for n, text in enumerate(texts)]
    await web.stand.database.write(lambda unit: unit.session.add_all(rows))


async def test_what_waited_goes_back_with_the_next_message_and_again_with_its_repeat(web: Web) -> None:
    await waiting(web, "一", "二")
    first = await web.push("m1|client-1|三", nonce="n1")
    again = await web.push("m1|client-1|三", nonce="n2")
    assert (first.text, again.text) == ("一\n\n二\n\n三", "一\n\n二\n\n三")
    assert await web.stand.said() == [("sent", "zuvor"), ("sent", "一"), ("sent", "二"), ("sent", "三")]
    assert (await web.push("m2|client-1|四")).text == "四"


async def test_what_waited_goes_back_although_the_turn_says_nothing(web: Web) -> None:
    await waiting(web, "一")
    web.stand.script.answer = lambda turn: ()
    assert (await web.push("m1|client-1|好的")).text == "一"


async def test_the_turns_own_reply_comes_first_where_not_everything_fits(web: Web) -> None:
    await waiting(web, "一" * 50, "二" * 50)
    assert (await web.push("m1|client-1|" + "三" * 40)).text == "一" * 50 + "\n\n" + "三" * 40
    assert [state for state, _ in await web.stand.said()] == ["sent", "sent", "pending", "sent"]
    assert (await web.push("m2|client-1|四")).text == "二" * 50 + "\n\n四"


async def test_of_several_replies_as_many_go_back_as_fit(web: Web) -> None:
    web.stand.script.answer = lambda turn: (say("a", text="一" * 60), say("b", text="二" * 60))
    assert (await web.push("m1|client-1|几点开盘")).text == "一" * 60
    assert [state for state, _ in await web.stand.said()] == ["sent", "pending"]


async def test_one_answer_carries_one_list(web: Web) -> None:
    await waiting(web, "选\n1 甲\n2 乙")
    options = [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]
    change = update(DeliveryRow).where(DeliveryRow.key == "w0").values(options=options)
    await web.stand.database.write(lambda unit: unit.session.execute(change))
    web.stand.script.answer = lambda turn: (say("c", options=(Option("c", "丙"),), text="再选\n1 丙"),)
    assert (await web.push("m1|client-1|好的")).text == "选\n\n再选\n1 丙"


async def test_a_list_that_waited_can_be_picked_from_when_it_arrives(web: Web) -> None:
    await waiting(web, "选\n1 甲")
    change = update(DeliveryRow).where(DeliveryRow.key == "w0").values(options=[{"value": "a", "label": "甲"}])
    await web.stand.database.write(lambda unit: unit.session.execute(change))
    assert (await web.push("m1|client-1|好的")).text == "选\n1 甲\n\n好的"
    await web.push("m2|client-1|1")
    assert web.stand.script.turns[-1].choice == "a"


async def test_what_waited_goes_by_the_pump_where_the_turn_is_late(database_url: str) -> None:
    stage = serving(database_url, seconds=0.5)
    async with stage as web:
        await waiting(web, "一")
        later = web.stand.clock.now() + timedelta(minutes=15)
        await web.stand.database.write(lambda unit: unit.session.execute(update(DeliveryRow).values(not_before=later)))
        web.stand.script.gate.clear()
        await web.push("m1|client-1|三")
        web.stand.script.gate.set()
        await stage.dispatcher.idle()
        assert [state for state, _ in await web.stand.said()] == ["sent", "pending", "pending"]
        due = select(DeliveryRow.not_before).where(DeliveryRow.key == "w0")
        assert await web.stand.database.read(lambda unit: unit.session.scalar(due)) == web.stand.clock.now()


async def test_silence_is_the_empty_acknowledgement(web: Web) -> None:
    web.stand.script.answer = lambda turn: ()
    answer = await web.push("m1|client-1|好的")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_repeated_push_gets_the_stored_text(web: Web) -> None:
    first = await web.push("m1|client-1|几点开盘", nonce="n1")
    same = await web.push("m1|client-1|几点开盘", nonce="n1")
    fresh = await web.push("m1|client-1|几点开盘", nonce="n2")
    assert {first.text, same.text, fresh.text} == {"几点开盘"}
    assert await web.stand.said() == [("sent", "几点开盘")]


async def test_a_repeated_push_does_not_repeat_what_the_pump_sent_in_the_end(web: Web) -> None:
    await web.push("m1|client-1|几点开盘", nonce="n1")
    taken = update(DeliveryRow).values(claimed_by="worker")  # as where nobody waited any more when the turn ended
    await web.stand.database.write(lambda unit: unit.session.execute(taken))
    assert (await web.push("m1|client-1|几点开盘", nonce="n2")).content == b""
    assert await web.stand.said() == [("sent", "几点开盘")]


async def test_a_repeated_push_waits_for_the_turn_of_the_first(web: Web) -> None:
    web.stand.script.gate.clear()
    pushes = [asyncio.create_task(web.push("m1|client-1|几点开盘")) for _ in range(2)]
    await asyncio.wait(pushes, timeout=0.3)
    web.stand.script.gate.set()
    assert [(await push).text for push in pushes] == ["几点开盘"] * 2
    assert await web.stand.said() == [("sent", "几点开盘")]


async def test_a_late_turn_goes_on_and_the_pump_sends_it(database_url: str) -> None:
    async with serving(database_url, seconds=0.2) as web:
        web.stand.script.gate.clear()
        late = await web.push("m1|client-1|几点开盘")
        web.stand.script.gate.set()
        await web.client.get(HOOK)
        again = await web.push("m1|client-1|几点开盘")
    assert (late.status_code, late.content, again.content) == (200, b"", b"")


async def test_a_late_turn_is_left_to_the_pump(database_url: str) -> None:
    stage = serving(database_url, seconds=0.2)
    async with stage as web:
        web.stand.script.gate.clear()
        await web.push("m1|client-1|几点开盘")
        web.stand.script.gate.set()
        await stage.dispatcher.idle()
        assert await web.stand.said() == [("pending", "几点开盘")]


async def test_a_wrong_signature_is_refused_and_nothing_stored(web: Web) -> None:
    answer = await web.client.post(HOOK, params={"signature": "wrong"}, content="m1|client-1|几点开盘")
    assert answer.status_code == 403
    assert await web.stand.inbox() == []


async def test_a_nonce_used_for_another_message_is_refused(web: Web) -> None:
    await web.push("m1|client-1|几点开盘", nonce="n1")
    assert (await web.push("m2|client-1|几点收盘", nonce="n1")).status_code == 403
    assert await web.stand.inbox() == [("handled", "几点开盘")]


async def test_an_unreadable_body_is_acknowledged_and_logged(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        answer = await web.push(b"\xff\xfe 13800138000")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "unreadable" in caplog.text
    assert "13800138000" not in caplog.text


async def test_a_body_that_is_too_large_is_not_read(web: Web) -> None:
    assert (await web.push(b"x" * (LARGEST_BODY + 1))).status_code == 413


async def test_reports_go_to_the_receipts(web: Web) -> None:
    assert (await web.push("report|x|platform-7")).status_code == 200
    assert [report.platform_message_id for report in web.reports] == ["platform-7"]


async def test_a_further_account_has_an_address_of_its_own(web: Web) -> None:
    answer = await web.client.post(f"{HOOK}/second", params={"signature": "right"}, content="m1|client-1|几点开盘")
    assert answer.status_code == 200
    assert (await web.client.post(f"{HOOK}/third")).status_code == 404


async def test_a_locked_database_is_waited_for(sqlite_url: str) -> None:
    async with serving(sqlite_url, seconds=4.0) as web:
        with closing(sqlite3.connect(normalise(sqlite_url).split("///")[1])) as other:
            other.execute("BEGIN IMMEDIATE")
            push = asyncio.create_task(web.push("m1|client-1|几点开盘"))
            await asyncio.wait({push}, timeout=0.3)
            other.rollback()
        assert (await push).text == "几点开盘"


async def test_a_database_that_stays_locked_is_a_503_and_the_retry_finds_one_row(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(sqlite_url, seconds=0.3) as web:
        with closing(sqlite3.connect(normalise(sqlite_url).split("///")[1])) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await web.push("m1|client-1|几点开盘")).status_code == 503
            assert "database busy" in caplog.text
            other.rollback()
        await web.push("m1|client-1|几点开盘")
        assert len(await web.stand.inbox()) == 1


class Shut:
    """A database that takes nothing."""

    async def write(self, *_work: object, **_told: object) -> None:
        """Busy for ever."""
        raise DatabaseBusy("locked")


async def test_a_database_that_stays_busy_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(webhooks, "ENDING", 0.2)
    hooks = Hooks(cast(Database, Shut()), cast(Front, None), lambda *_: None, MovableClock())
    confirmations = Confirmations(hooks)
    await confirmations.add(Said((1,), ("\u4e00",)))
    async with asyncio.timeout(10):
        await confirmations.close()
    assert "1 passive replies not confirmed yet" in caplog.text


BODIES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.builds(
        lambda name, sender, text: f"{name}|{sender}|{text}".encode("utf-8", "replace"),
        st.text(max_size=200),
        st.text(max_size=200),
        st.text(),
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
async def test_no_body_breaks_it(web: Web, body: bytes) -> None:
    before = len(await web.stand.inbox())
    answer = await web.push(body)
    assert answer.status_code == 200
    assert len(await web.stand.inbox()) - before in (0, 1)
