"""Every fault of the WeChat platform, on the wire, leads a delivery to its outcome: one table for each interface."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.channels.base import MemoryState
from bot.channels.tencent.platform import Patience
from bot.channels.wechat import Template, WechatAccount, WechatChannel
from bot.clock import MovableClock
from bot.vocabulary import ChannelKind, DeliveryState
from services.delivery.gate import RECHECK
from services.delivery.sending import STOPPED_FOR
from storage.models import ChatAccountRow
from storage.repositories import permits
from tests.channels.kit_wechat import NOBODY
from tests.channels.wechat import ACCOUNT
from tests.doubles.faults import Delay, Effect, Fault, HangUp, errcode, http_error, json_answer, junk
from tests.doubles.server import running
from tests.doubles.wechat import WechatDouble
from tests.services.delivery.office import NOON, Office, opened
from tests.services.delivery.test_forms import PROGRESS
from tests.services.delivery.test_pump import with_broadcast
from tests.services.delivery.wishes import notice, reply

WECHAT = ChannelKind.WECHAT
CUSTOM, FORM, MASS, TOKEN = "message/custom/send", "message/template/send", "message/mass/send", "stable_token"
TEMPLATES = {"complaint_progress": Template("TM1", {"number": "{{ number }}"})}
HASTY = Patience(connect=1.0, read=0.25)


@dataclass(frozen=True)
class Ends:
    """What becomes of a delivery, how long it waits, whether its chat is gone, and how many times the client has it."""

    state: DeliveryState
    rule: str | None = None
    waits: timedelta = timedelta()
    gone: bool = False
    got: int = 0


SENT = Ends(DeliveryState.SENT, got=1)
GONE = Ends(DeliveryState.FAILED, "gone", gone=True)
REFUSED = Ends(DeliveryState.FAILED, "content_refused")
SHUT = Ends(DeliveryState.PENDING, "window", waits=RECHECK)
LATER = Ends(DeliveryState.PENDING, "try_later", waits=timedelta(seconds=5))
SLOW = Ends(DeliveryState.PENDING)
TOMORROW = Ends(DeliveryState.PENDING, "quota", waits=timedelta(hours=12))
STOPPED = Ends(DeliveryState.PENDING, "channel_stopped")
DOUBTFUL = Ends(DeliveryState.UNCERTAIN, "unknown", got=1)

Case = tuple[tuple[Fault, ...], Ends]
Table = Mapping[str, Case]


def coded(method: str, outcomes: Mapping[Ends, tuple[int, ...]]) -> dict[str, Case]:
    """One row for each code, refused as often as it is asked."""
    return {
        str(code): ((Fault(errcode(code), method, times=2),), ends)
        for ends, codes in outcomes.items()
        for code in codes
    }


def on_the_way(method: str, lost_once: Ends) -> dict[str, Case]:
    """Servers that fail before they take the message, and answers lost after the client has it."""
    pages = {f"HTTP {status}": http_error(status) for status in (500, 502, 503)}
    ways: dict[str, Effect] = {"junk": junk(), "cut": HangUp()}
    rows: dict[str, Case] = {name: ((Fault(page, method),), LATER) for name, page in pages.items()}
    for name, way in ways.items():
        rows[f"{name} once"] = ((Fault(way, method, after=True),), lost_once)
        rows[f"{name} for good"] = ((Fault(way, method, times=2, after=True),), DOUBTFUL)
    return rows


SINGLE: Mapping[Ends, tuple[int, ...]] = {
    GONE: (43004, 40003, 43019, 50002),
    REFUSED: (45002, 44004, 45008, 40007, 40008, 40035, 47001),
    STOPPED: (40001, 40014, 42001, 40013, 40125, 40164, 48004, 61004),
    SLOW: (45011,),
    LATER: (-1,),
    TOMORROW: (45009,),
}
LEFT = json_answer({"subscribe": 0, "openid": "x"})
MESSAGES: Table = {
    "no fault": ((), SENT),
    **{f"{code} once": ((Fault(errcode(code), CUSTOM),), SENT) for code in (40001, 40014, 42001)},
    **coded(CUSTOM, {**SINGLE, SHUT: (45015, 45047, 48001)}),
    "45015 of who left": ((Fault(errcode(45015), CUSTOM), Fault(LEFT, "user/info")), GONE),
    **on_the_way(CUSTOM, lost_once=DOUBTFUL),
}
FORMS: Table = {
    "no fault": ((), SENT),
    **coded(FORM, {**SINGLE, SHUT: (48001,)}),
    **on_the_way(FORM, lost_once=SENT),
}
MASSES: Table = {
    "no fault": ((), SENT),
    "taken before": ((Fault(json_answer({"errcode": 45065, "msg_id": 7}), MASS),), replace(SENT, got=0)),
    **coded(MASS, {REFUSED: (45002, 45067, 40130), SHUT: (48001,), STOPPED: (48004,), SLOW: (45011, 45066)}),
    **coded(MASS, {LATER: (-1,), TOMORROW: (45009, 45028)}),
    **on_the_way(MASS, lost_once=SENT),
}
RESTS: Mapping[str, tuple[Fault, timedelta]] = {
    "slow": (Fault(errcode(45011), CUSTOM), timedelta(minutes=1)),
    "quota": (Fault(errcode(45009), CUSTOM), RECHECK),
    "config": (Fault(errcode(40164), TOKEN), STOPPED_FOR),
    "later": (Fault(errcode(-1), CUSTOM), timedelta()),
    "gone": (Fault(errcode(43004), CUSTOM), timedelta()),
    "content": (Fault(errcode(45002), CUSTOM), timedelta()),
    "window": (Fault(errcode(45047), CUSTOM), timedelta()),
    "unknown": (Fault(junk(), CUSTOM), timedelta()),
}
"""Which faults stop the whole account, and for how long."""


@dataclass
class Stage:
    """A branch whose WeChat account is the double's."""

    office: Office
    double: WechatDouble
    account: WechatAccount

    async def clients(self, count: int, *, shut: bool = False) -> list[int]:
        """Followers who wrote just now or, `shut`, three days ago."""
        found = await self.office.clients(count, kind=WECHAT)
        for client in found:
            self.double.account.follower(f"wechat-{client}").wrote(NOON)
            if shut:
                await self.office.change(ChatAccountRow, client, last_inbound_at=NOON - timedelta(days=3))
        return found

    async def ends(self) -> list[Ends]:
        """Send what is due; how each delivery stands then, in the order of clients."""
        await self.office.drain(WECHAT)
        rows = await self.office.rows()
        gone = await self.office.database.read(
            lambda unit: {row.account_id: unit.session.get_one(ChatAccountRow, row.account_id).gone_at for row in rows}
        )
        return [
            Ends(
                row.state,
                row.rule,
                waits=max(row.not_before - NOON, timedelta()) if row.state is DeliveryState.PENDING else timedelta(),
                gone=gone[row.account_id] is not None,
                got=len(self.double.ledger.texts(row.address)),
            )
            for row in rows
        ]

    async def all_at_once(self, table: Table, *, shut: bool = False) -> dict[str, Ends]:
        """Every row of a table meets one client, in one flight; the outcomes by its name."""
        for client, (faults, _) in zip(await self.clients(len(table), shut=shut), table.values(), strict=True):
            self.double.faults.add(*(replace(fault, recipient=f"wechat-{client}") for fault in faults))
            form = notice(client, f"n{client}", text_key="complaint_progress", parameters=PROGRESS)
            await self.office.submit(form if shut else reply(client, f"r{client}"))
        return dict(zip(table, await self.ends(), strict=True))


def silence(method: str, times: int) -> Fault:
    """The client has the message, and the answer comes too late."""
    return Fault(Delay(HASTY.read * 2), method, times=times, after=True)


def connected(account: WechatAccount, office: Office) -> WechatChannel:
    """The pump sends by an adapter of its own."""
    channel = WechatChannel(account, MemoryState(), office.clock)
    office.pump.channels = {(WECHAT, "main"): channel}
    return channel


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    clock = MovableClock(NOON)
    async with running(WechatDouble(clock)) as double:
        account = replace(ACCOUNT, api_root=double.root, templates=TEMPLATES, mass_messages=True)
        double.account.templates["TM1"] = "{{number.DATA}}"
        capabilities = WechatChannel(account, MemoryState(), clock).capabilities
        with opened(sqlite_url, {(WECHAT, "main"): capabilities}) as office:
            channel = connected(account, office)
            yield Stage(office, double, account)
            await channel.close()


async def test_messages_in_an_open_window(stage: Stage) -> None:
    assert await stage.all_at_once(MESSAGES) == {name: ends for name, (_, ends) in MESSAGES.items()}


async def test_forms_outside_the_window(stage: Stage) -> None:
    assert await stage.all_at_once(FORMS, shut=True) == {name: ends for name, (_, ends) in FORMS.items()}


@pytest.mark.parametrize(("faults", "ends"), MASSES.values(), ids=MASSES)
async def test_one_text_for_many(stage: Stage, faults: tuple[Fault, ...], ends: Ends) -> None:
    await stage.clients(2, shut=True)
    await with_broadcast(stage.office, "sending")
    stage.double.faults.add(*faults)
    assert await stage.ends() == [ends, ends]


@pytest.mark.parametrize(("fault", "rests"), RESTS.values(), ids=RESTS)
async def test_what_stops_the_whole_account(stage: Stage, fault: Fault, rests: timedelta) -> None:
    for client in await stage.clients(2):
        await stage.office.submit(reply(client, f"r{client}"))
    stage.double.faults.add(fault)
    await stage.ends()
    lane = stage.office.lane(WECHAT).name
    paused = await stage.office.database.read(lambda unit: permits.paused_until(unit, lane))
    assert max(paused - NOON.timestamp(), 0) == rests.total_seconds()


@pytest.mark.parametrize(
    ("code", "ends"), [(40001, STOPPED), (40013, STOPPED), (40164, STOPPED), (-1, LATER), (45009, TOMORROW)]
)
async def test_no_token(stage: Stage, code: int, ends: Ends) -> None:
    [client] = await stage.clients(1)
    await stage.office.submit(reply(client))
    stage.double.faults.add(Fault(errcode(code), TOKEN, times=9))
    assert await stage.ends() == [ends]


async def test_nobody_at_the_address(stage: Stage) -> None:
    channel = connected(replace(stage.account, api_root=NOBODY), stage.office)
    [client] = await stage.clients(1)
    await stage.office.submit(reply(client))
    assert await stage.ends() == [LATER]
    await channel.close()


@pytest.mark.parametrize(
    ("fault", "shut", "ends"),
    [
        (silence(CUSTOM, 1), False, DOUBTFUL),
        (silence(FORM, 1), True, SENT),
        (silence(FORM, 2), True, DOUBTFUL),
    ],
)
async def test_silence(stage: Stage, fault: Fault, shut: bool, ends: Ends) -> None:
    channel = connected(replace(stage.account, patience=HASTY), stage.office)
    assert await stage.all_at_once({"silence": ((fault,), ends)}, shut=shut) == {"silence": ends}
    await channel.close()
