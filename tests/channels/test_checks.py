"""What each adapter sees of its platform: every trouble has its remark, and its words in every language."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.base import Channel, MemoryState, WebhookRequest
from bot.channels.checks import clocks, refused
from bot.channels.telegram import PollingTelegramChannel
from bot.channels.webchat import WebchatChannel
from bot.channels.wechat import Power, Template, WechatChannel
from bot.channels.wechat.rights import Rights
from bot.channels.wecom import WecomAppChannel, WecomContactsChannel
from bot.clock import MovableClock
from bot.errors import ChannelStopped, QuotaUsed, WebhookError
from bot.vocabulary import Locale
from bot.vocabulary.health import Observation, Remark, Verdict
from services.doctor import Seen
from services.doctor.words import catalogue, said
from tests.channels.contract import Kit
from tests.channels.kit_telegram import TelegramKit, telegram_kit
from tests.channels.kit_wechat import WechatKit, opened
from tests.channels.kit_wecom import WecomAppKit, WecomKit, opened_app
from tests.channels.kit_wecom import opened as opened_desk
from tests.channels.wechat import ACCOUNT as WECHAT
from tests.doubles.faults import Fault, Faults, HangUp, errcode, http_error, junk
from tests.doubles.gateway import Gateway
from tests.doubles.ledger import Ledger
from tests.doubles.server import running
from tests.doubles.telegram.feed import Webhook
from tests.doubles.wechat import Mode
from tests.doubles.wechat.account import EVERYTHING

WORDS = catalogue()


async def seen(channel: Channel, public_url: str | None = None) -> set[tuple[Remark, str]]:
    """What a channel sees; all of it can be said in every language."""
    found = [one async for one in channel.check(public_url)]
    for observation in found:
        for locale in Locale:
            line = said(WORDS.of(locale), Seen(f"{channel.kind.value}/{channel.account}", observation))
            assert bool(line.advice) >= (observation.verdict is not Verdict.OK), observation
    return {(one.remark, one.about) for one in found}


@pytest.fixture
async def wechat(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as kit:
        yield kit


@pytest.fixture
async def desk(clock: MovableClock) -> AsyncIterator[WecomKit]:
    async with opened_desk(clock) as kit:
        yield kit


@pytest.fixture
async def app(clock: MovableClock) -> AsyncIterator[WecomAppKit]:
    async with opened_app(clock) as kit:
        yield kit


@pytest.fixture
async def telegram(clock: MovableClock) -> AsyncIterator[TelegramKit]:
    async with telegram_kit(clock) as kit:
        assert isinstance(kit, TelegramKit)
        yield kit


NOT_LISTED = errcode(40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1")


@pytest.mark.parametrize(
    ("fault", "remark"),
    [
        (Fault(NOT_LISTED, "stable_token"), Remark.ADDRESS_REFUSED),
        (Fault(errcode(40001), "stable_token"), Remark.ACCESS_REFUSED),
        (Fault(errcode(40125), "stable_token"), Remark.ACCESS_REFUSED),
        (Fault(errcode(45009), "stable_token"), Remark.ACCOUNT_REFUSED),
        (Fault(http_error(502), "stable_token"), Remark.ACCOUNT_UNREACHED),
        (Fault(http_error(404), "stable_token"), Remark.ACCOUNT_REFUSED),
        (Fault(junk(), "stable_token"), Remark.ACCOUNT_UNREACHED),
    ],
)
async def test_no_token_is_the_last_that_is_seen_of_wechat(wechat: WechatKit, fault: Fault, remark: Remark) -> None:
    wechat.double.faults.add(fault)
    found = await seen(wechat.channel)
    assert (remark, "") in found
    assert not {one for one, _ in found} & {Remark.ACCESS_WORKS, Remark.POWER_USED, Remark.POWER_PASSIVE_ONLY}


def test_the_address_that_the_platform_saw_is_told() -> None:
    told = [str(NOT_LISTED.data["errmsg"]), "not allow to access from your ip, hint: [1], from ip: 2001:db8::7, more"]
    found = [refused(ChannelStopped(code, words)) for code, words in zip(("40164", "60020"), told, strict=True)]
    assert [one.values["ip"] for one in found] == ["203.0.113.7", "2001:db8::7"]


MASS = replace(WECHAT, mass_messages=True, templates={"complaint_progress": Template("TM1", {})})


@pytest.mark.parametrize(
    ("rights", "powers"),
    [
        (EVERYTHING, {"customer": "used", "template": "used", "mass": "used"}),
        (EVERYTHING - {"custom"}, {"customer": "passive_only", "template": "used", "mass": "used"}),
        (EVERYTHING - {"mass", "template"}, {"customer": "used", "template": "denied", "mass": "denied"}),
        (EVERYTHING - {"notice"}, {"customer": "used", "notice": "without"}),
    ],
)
async def test_what_may_be_sent_is_told(wechat: WechatKit, rights: frozenset[str], powers: Mapping[str, str]) -> None:
    wechat.double.account.permissions = rights
    account = replace(MASS, api_root=wechat.account.api_root)
    channel = WechatChannel(account, MemoryState(), wechat.clock)
    found = await seen(channel)
    assert {(Remark(f"power.{how}"), name) for name, how in powers.items()} <= found
    await channel.close()


@pytest.mark.parametrize(("by_tag", "remark"), [(False, Remark.POWER_DENIED), (True, Remark.POWER_USED)])
async def test_a_mass_send_by_tag_has_a_right_of_its_own(wechat: WechatKit, by_tag: bool, remark: Remark) -> None:
    wechat.double.account.permissions = EVERYTHING - {"mass"}
    account = replace(MASS, api_root=wechat.account.api_root, mass_by_tag=by_tag)
    channel = WechatChannel(account, MemoryState(), wechat.clock)
    assert (remark, "mass") in await seen(channel)
    await channel.close()


async def test_what_the_platform_refused_lately_is_told(wechat: WechatKit) -> None:
    rights = Rights(wechat.account, wechat.channel_state, wechat.clock)
    await rights.remember(Power.MENU, 40200)
    assert (Remark.POWER_REFUSED, "menu") in await seen(wechat.channel)


async def test_unused_spent_and_untold_powers_are_told_apart(wechat: WechatKit) -> None:
    wechat.double.account.limits["message/custom/send"] = 0
    first = await seen(wechat.channel)
    assert {(Remark.POWER_PASSIVE_ONLY, "customer"), (Remark.POWER_UNUSED, "mass")} <= first
    wechat.double.account.limits["message/custom/send"] = 1
    wechat.double.account.count_call("message/custom/send")
    wechat.double.faults.add(Fault(errcode(76021), "openapi/quota/get", skip=1))
    second = await seen(wechat.channel)
    assert {(Remark.POWER_SPENT, "customer"), (Remark.POWER_UNTOLD, "template")} <= second


async def test_the_shared_token_is_looked_at_and_left(wechat: WechatKit) -> None:
    assert (Remark.SHARED_NONE, "") in await seen(wechat.channel)
    kept = dict(wechat.channel_state.values)
    assert (Remark.SHARED_FRESH, "") in await seen(wechat.channel)
    assert wechat.channel_state.values == kept
    wechat.double.tokens.kill()
    assert (Remark.SHARED_OTHER, "") in await seen(wechat.channel)


async def test_an_account_that_tries_nothing_in_vain_is_well(wechat: WechatKit) -> None:
    wechat.double.account.permissions = frozenset()
    channel = WechatChannel(replace(wechat.account, customer_messages=False), MemoryState(), wechat.clock)
    assert (Remark.POWER_NEXT_MESSAGE, "customer") in await seen(channel)
    await channel.close()


async def test_no_old_time_is_held_against_our_clock(wechat: WechatKit) -> None:
    await seen(wechat.channel)
    wechat.clock.move(timedelta(hours=1))
    wechat.double.faults.add(Fault(HangUp(), "stable_token"))
    assert await seen(wechat.channel) == {(Remark.CALLBACK_UNSET, ""), (Remark.ACCOUNT_UNREACHED, "")}


async def test_an_account_without_a_secret_asks_nothing(wechat: WechatKit) -> None:
    channel = WechatChannel(replace(wechat.account, secret=None), MemoryState(), wechat.clock)
    assert await seen(channel) == {(Remark.CALLBACK_UNSET, ""), (Remark.ACCESS_WITHOUT, "")}
    assert wechat.double.ledger.calls == []


async def test_desks_that_are_not_there_or_not_ours_are_faults(desk: WecomKit) -> None:
    assert (Remark.DESK_SERVED, "") in await seen(desk.channel)
    desk.double.desk.managed = False
    two = desk.another(account=replace(desk.account, kf_ids=(*desk.account.kf_ids, "wkGone")))
    assert {(Remark.DESK_UNKNOWN, ""), (Remark.DESK_UNMANAGED, "")} <= await seen(two)
    assert await seen(desk.another(account=replace(desk.account, kf_ids=()))) == {(Remark.DESK_NONE, "")}


@pytest.mark.parametrize(
    ("code", "remark"),
    [(60020, Remark.ADDRESS_REFUSED), (48002, Remark.ACCOUNT_REFUSED), (-1, Remark.ACCOUNT_REFUSED)],
)
async def test_a_part_of_wecom_that_may_not_be_asked_is_a_fault(desk: WecomKit, code: int, remark: Remark) -> None:
    desk.double.faults.add(Fault(errcode(code), "kf/account/list"))
    found = await seen(desk.channel)
    assert (remark, "") in found
    assert (Remark.ADDRESS_ALLOWED, "") not in found


async def test_an_app_nobody_sees_and_one_switched_off(app: WecomAppKit) -> None:
    assert (Remark.APP_VISIBLE, "") in await seen(app.channel)
    app.double.office.members.clear()
    assert (Remark.APP_HIDDEN, "") in await seen(app.channel)
    app.double.office.closed = True
    assert (Remark.APP_CLOSED, "") in await seen(app.channel)
    assert isinstance(app.channel, WecomAppChannel)


async def test_contacts_need_members(app: WecomAppKit) -> None:
    channel = WecomContactsChannel(app.account, MemoryState(), app.clock)
    assert (Remark.CONTACTS_MEMBERS, "") in await seen(channel)
    app.double.contacts.followers.clear()
    assert (Remark.CONTACTS_NOBODY, "") in await seen(channel)
    await channel.close()


Trouble = Callable[[TelegramKit], None]


def _points_nowhere(kit: TelegramKit) -> None:
    kit.double.feed.webhook = Webhook()


def _points_elsewhere(kit: TelegramKit) -> None:
    kit.double.feed.webhook = Webhook("https://other.example/bot7:secret", "")


def _fails(kit: TelegramKit) -> None:
    hook = kit.double.feed.webhook
    hook.last_error, hook.failed_at = "Connection refused", int(kit.double.clock.now().timestamp())


@pytest.mark.parametrize(
    ("trouble", "remark"),
    [
        (_points_nowhere, Remark.WEBHOOK_MISSING),
        (_points_elsewhere, Remark.WEBHOOK_ELSEWHERE),
        (_fails, Remark.WEBHOOK_FAILING),
        (lambda kit: None, Remark.WEBHOOK_SET),
    ],
)
async def test_how_updates_come_is_told(telegram: TelegramKit, trouble: Trouble, remark: Remark) -> None:
    trouble(telegram)
    assert (remark, "") in await seen(telegram.channel)


async def test_a_webhook_stands_in_the_way_of_asking(telegram: TelegramKit, clock: MovableClock) -> None:
    asking = PollingTelegramChannel(replace(telegram.channel._account, secret_token=None), MemoryState(), clock)
    telegram.double.state.bot.joins_groups = False
    assert {(Remark.WEBHOOK_IN_THE_WAY, ""), (Remark.GROUPS_CLOSED, "")} <= await seen(asking)
    telegram.double.feed.webhook = Webhook()
    assert (Remark.WEBHOOK_POLLED, "") in await seen(asking)
    for number in range(101):
        telegram.double.client(number + 1).say("hello")
    assert (Remark.WEBHOOK_BEHIND, "") in await seen(asking)
    await asking.close()


async def test_of_a_foreign_webhook_only_the_host_is_shown(telegram: TelegramKit) -> None:
    _points_elsewhere(telegram)
    found = [one.values async for one in telegram.channel.check(None) if one.topic == "webhook"]
    assert found == [{"host": "other.example"}]


async def test_a_wrong_bot_token_is_refused(telegram: TelegramKit) -> None:
    telegram.double.token = "7:another"
    assert await seen(telegram.channel) == {(Remark.ACCESS_REFUSED, "")}


@pytest.mark.parametrize(
    ("ahead", "remark"),
    [(0, Remark.CLOCK_AGREES), (-29, Remark.CLOCK_AGREES), (31, Remark.CLOCK_DRIFTS), (-301, Remark.CLOCK_WRONG)],
)
async def test_our_clock_is_held_against_the_platform_s(clock: MovableClock, ahead: int, remark: Remark) -> None:
    theirs = format_datetime(clock.now() - timedelta(seconds=ahead), usegmt=True)
    found = clocks(theirs, clock.now())
    assert found is not None
    assert (found.remark, found.values["seconds"]) == (remark, f"{ahead:+d}")
    assert clocks("no date", clock.now()) is clocks(None, clock.now()) is None


async def test_each_platform_tells_its_time(wechat: WechatKit, desk: WecomKit, telegram: TelegramKit) -> None:
    kits: tuple[Kit, ...] = (wechat, desk, telegram)
    for kit in kits:
        assert (Remark.CLOCK_AGREES, "") in await seen(kit.channel)


class Server:
    """Our own address: hands everything to one channel, or answers as a stranger would."""

    def __init__(self, channel: Channel | None, stranger: Response | None = None) -> None:
        self.root = ""
        self.gateway = Gateway(Ledger(MovableClock()), Faults(), lambda: None)
        self.channel, self.stranger = channel, stranger

    def app(self) -> Starlette:
        """Any path."""
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def open(self) -> None:
        """Nothing to begin."""

    async def close(self) -> None:
        """Nothing to end."""

    async def _answer(self, request: Request) -> Response:
        if self.stranger or self.channel is None:
            return self.stranger or PlainTextResponse("ok")
        asked = WebhookRequest(request.method, dict(request.query_params), dict(request.headers), await request.body())
        try:
            answer = (await self.channel.receive(asked)).answer
        except WebhookError:
            return Response(status_code=403)
        return Response(answer.body, answer.status)


@asynccontextmanager
async def served(channel: Channel | None, stranger: Response | None = None) -> AsyncIterator[str]:
    """The public address under which a channel's hook stands."""
    async with running(Server(channel, stranger)) as server:
        yield server.root


async def test_a_signed_call_finds_our_own_hook(wechat: WechatKit, desk: WecomKit, app: WecomAppKit) -> None:
    kits: tuple[Kit, ...] = (wechat, desk, app)
    for kit in kits:
        async with served(kit.channel) as address:
            assert (Remark.CALLBACK_ANSWERS, "") in await seen(kit.channel, address)


async def test_a_server_with_another_token_is_told(wechat: WechatKit) -> None:
    other = WechatChannel(replace(wechat.account, token="another"), MemoryState(), wechat.clock)
    async with served(other) as address:
        assert (Remark.CALLBACK_REFUSED, "") in await seen(wechat.channel, address)


@pytest.mark.parametrize("words", ["", "It works!"])
async def test_a_stranger_at_our_address_is_told(wechat: WechatKit, words: str) -> None:
    async with served(wechat.channel, PlainTextResponse(words)) as address:
        assert (Remark.CALLBACK_OTHER, "") in await seen(wechat.channel, address)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://", "nowhere"])
async def test_an_address_where_nobody_listens_is_told(wechat: WechatKit, address: str) -> None:
    assert (Remark.CALLBACK_UNREACHED, "") in await seen(wechat.channel, address)


async def test_telegrams_hook_takes_an_update_in_which_nothing_happened(telegram: TelegramKit) -> None:
    async with served(telegram.channel) as address:
        account = replace(telegram.channel._account, public_url=address)
        channel = type(telegram.channel)(account, MemoryState(), telegram.double.clock)
        assert (Remark.CALLBACK_ANSWERS, "") in await seen(channel, address)
        await channel.close()


async def test_the_chat_page_is_looked_for_at_the_public_address() -> None:
    page = WebchatChannel(lambda visitor: None)
    async with served(None) as address:
        assert (Remark.CALLBACK_ANSWERS, "") in await seen(page, address)
    assert await seen(page) == {(Remark.PAGE_LOCAL, "")}, "without platforms nothing calls back"


def test_what_is_refused_for_a_time_is_no_secret_s_fault(clock: MovableClock) -> None:
    found = refused(QuotaUsed(clock.now(), "45009"), "mass")
    assert found == Observation(Remark.ACCOUNT_REFUSED, {"code": "45009", "words": "QuotaUsed"}, "mass")
