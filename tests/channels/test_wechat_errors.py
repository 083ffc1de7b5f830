"""Every refusal and fault of the platform leads to its outcome, with the error on the wire."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState
from bot.channels.wechat import WechatAccount, WechatChannel
from bot.clock import MovableClock
from bot.errors import (
    ChannelStopped,
    ContentRefused,
    OutcomeUnknown,
    QuotaUsed,
    RecipientGone,
    SendError,
    Throttled,
    TryLater,
    WindowClosed,
)
from tests.channels.kit_wechat import NOBODY, PATIENCE, SEND, WechatKit, opened
from tests.channels.settled import tries
from tests.channels.wechat import ACCOUNT, OPENID, channel, outgoing
from tests.doubles.faults import Answer, Delay, Effect, Fault, HangUp, errcode, http_error, json_answer, junk
from tests.doubles.wechat import Mode

TOKEN_CALL, INFO = "stable_token", "user/info"


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        yield opened_kit


async def refused(kit: WechatKit, account: WechatAccount | None = None) -> SendError:
    """What a text ends in; nothing may have arrived."""
    chosen = WechatChannel(account, MemoryState(), kit.clock) if account else kit.channel
    with pytest.raises(SendError) as caught:
        await chosen.send(outgoing())
    await chosen.close()
    assert kit.got() == []
    return caught.value


CODES: Mapping[int, type[SendError]] = {
    -1: TryLater,
    40003: RecipientGone,
    43004: RecipientGone,
    43019: RecipientGone,
    50002: RecipientGone,
    45015: WindowClosed,
    45047: WindowClosed,
    45011: Throttled,
    45009: QuotaUsed,
    45002: ContentRefused,
    44004: ContentRefused,
    45008: ContentRefused,
    40007: ContentRefused,
    40008: ContentRefused,
    40033: ContentRefused,
    40035: ContentRefused,
    47001: ContentRefused,
    99999: ContentRefused,
    40001: ChannelStopped,
    40014: ChannelStopped,
    42001: ChannelStopped,
    41001: ChannelStopped,
    40013: ChannelStopped,
    40125: ChannelStopped,
    40164: ChannelStopped,
    48001: WindowClosed,
    48004: ChannelStopped,
    61004: ChannelStopped,
}


@pytest.mark.parametrize(("code", "outcome"), CODES.items())
async def test_every_code_has_its_outcome(kit: WechatKit, code: int, outcome: type[SendError]) -> None:
    kit.double.faults.add(Fault(errcode(code), SEND, times=2))
    error = await refused(kit)
    assert type(error) is outcome
    assert error.code == str(code)


TRIES: Mapping[str, tuple[Effect, int]] = {
    "-1": (errcode(-1), 8),
    "500": (http_error(500), 8),
    "45011": (errcode(45011), 0),
    "45066": (errcode(45066), 0),
    "45009": (errcode(45009), 0),
    "45028": (errcode(45028), 0),
    "40164": (errcode(40164), 0),
    "43004": (errcode(43004), 1),
    "45002": (errcode(45002), 1),
    "junk": (junk(), 1),
}
"""How often a delivery is tried while its call is always answered alike; 0: it waits, and is not given up."""


@pytest.mark.parametrize(("effect", "times"), TRIES.values(), ids=TRIES)
async def test_how_often_each_answer_is_tried(kit: WechatKit, effect: Effect, times: int) -> None:
    kit.double.faults.add(Fault(effect, SEND, times=99))
    assert await tries(kit.channel, outgoing()) == times
    assert kit.got() == []


FAULTS: Mapping[str, tuple[Effect, type[SendError]]] = {
    "500": (http_error(500), TryLater),
    "503": (http_error(503), TryLater),
    "429": (http_error(429), TryLater),
    "404": (http_error(404), ChannelStopped),
    "302": (Answer(302), ChannelStopped),
    "junk": (junk(), OutcomeUnknown),
    "empty": (Answer(), OutcomeUnknown),
    "list": (Answer(body="[]"), OutcomeUnknown),
    "no code": (json_answer({"errmsg": "ok"}), OutcomeUnknown),
    "strange code": (json_answer({"errcode": "many"}), OutcomeUnknown),
    "null code": (json_answer({"errcode": None}), OutcomeUnknown),
    "no text": (Answer(body="\x00"), OutcomeUnknown),
    "deep": (Answer(body='{"a":' * 20_000), OutcomeUnknown),
    "hang-up": (HangUp(), OutcomeUnknown),
    "silence": (Delay(PATIENCE.read * 3), OutcomeUnknown),
}


@pytest.mark.parametrize(("effect", "outcome"), FAULTS.values(), ids=FAULTS)
async def test_every_fault_on_the_way_has_its_outcome(kit: WechatKit, effect: Effect, outcome: type[SendError]) -> None:
    kit.double.faults.add(Fault(effect, SEND))
    assert type(await refused(kit)) is outcome


@pytest.mark.parametrize(("effect", "outcome"), FAULTS.values(), ids=FAULTS)
async def test_a_fault_while_the_token_is_fetched_leaves_nothing_open(
    kit: WechatKit, effect: Effect, outcome: type[SendError]
) -> None:
    kit.double.faults.add(Fault(effect, TOKEN_CALL))
    assert type(await refused(kit)) is (TryLater if outcome is OutcomeUnknown else outcome)
    assert kit.double.ledger.called(SEND) == []


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-1, TryLater),
        (45011, Throttled),
        (45009, QuotaUsed),
        (40001, ChannelStopped),
        (40013, ChannelStopped),
        (40164, ChannelStopped),
        (40243, ChannelStopped),
    ],
)
async def test_a_refused_token_stops_the_account(kit: WechatKit, code: int, outcome: type[SendError]) -> None:
    kit.double.faults.add(Fault(errcode(code), TOKEN_CALL))
    assert type(await refused(kit)) is outcome


async def test_operators_see_the_words_of_a_refusal_that_stops_the_channel(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(errcode(40164, "invalid ip 203.0.113.7, not in whitelist"), TOKEN_CALL))
    assert "203.0.113.7" in (await refused(kit)).detail


async def test_a_wrong_secret_stops_the_account(kit: WechatKit) -> None:
    error = await refused(kit, replace(kit.account, secret="wrong"))
    assert type(error) is ChannelStopped
    assert error.code == "40001"


@pytest.mark.parametrize("root", ["", "nonsense", "ftp://127.0.0.1"])
async def test_an_address_that_is_none_stops_the_account(kit: WechatKit, root: str) -> None:
    assert type(await refused(kit, replace(kit.account, api_root=root))) is ChannelStopped


async def test_nobody_at_the_address_is_tried_later(kit: WechatKit) -> None:
    assert type(await refused(kit, replace(kit.account, api_root=NOBODY))) is TryLater


async def test_too_fast_waits_for_the_next_minute(kit: WechatKit) -> None:
    kit.clock.set(datetime(2026, 11, 23, 2, 0, 48, 500_000, UTC))
    kit.double.faults.add(Fault(errcode(45011), SEND))
    error = await refused(kit)
    assert isinstance(error, Throttled)
    assert error.retry_after == 11.5


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), datetime(2026, 11, 23, 16, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), datetime(2026, 11, 24, 16, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 20, 0, tzinfo=UTC), datetime(2027, 1, 1, 16, 0, tzinfo=UTC)),
    ],
)
async def test_a_used_quota_ends_at_midnight_in_beijing(kit: WechatKit, now: datetime, until: datetime) -> None:
    kit.clock.set(now)
    kit.double.faults.add(Fault(errcode(45009), SEND))
    error = await refused(kit)
    assert isinstance(error, QuotaUsed)
    assert error.until == until


async def test_who_left_is_gone_and_who_stays_has_a_closed_window(kit: WechatKit) -> None:
    kit.clock.move(timedelta(hours=48))
    assert type(await refused(kit)) is WindowClosed
    kit.block()
    assert type(await refused(kit)) is RecipientGone


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (errcode(40003), RecipientGone),
        (errcode(48001), WindowClosed),
        (http_error(), WindowClosed),
        (json_answer({"openid": OPENID}), WindowClosed),
    ],
)
async def test_where_the_platform_does_not_say_who_left(
    kit: WechatKit, answer: Answer, outcome: type[SendError]
) -> None:
    kit.double.faults.add(Fault(errcode(45015), SEND), Fault(answer, INFO))
    assert type(await refused(kit)) is outcome


@pytest.mark.parametrize(
    "account", [replace(ACCOUNT, customer_messages=False), replace(ACCOUNT, secret=None)], ids=["right", "secret"]
)
async def test_an_account_that_may_not_send_has_closed_windows(account: WechatAccount) -> None:
    with pytest.raises(WindowClosed):
        await channel(account).send(outgoing())


async def test_an_account_found_without_the_right_is_tried_again_some_hours_later(kit: WechatKit) -> None:
    kit.double.account.permissions -= {"custom"}
    for hours, calls in ((0, 1), (5, 1), (2, 2)):
        kit.clock.move(timedelta(hours=hours))
        assert type(await refused(kit)) is WindowClosed
        assert len(kit.double.ledger.called(SEND)) == calls
    kit.double.account.permissions |= {"custom"}
    kit.clock.move(timedelta(hours=7))
    await kit.channel.send(outgoing())
    assert len(kit.got()) == 1


@pytest.mark.parametrize("text", ["", " \n", "\x00"])
async def test_an_empty_text_is_never_sent(kit: WechatKit, text: str) -> None:
    with pytest.raises(ContentRefused):
        await kit.channel.send(outgoing(text))
    assert kit.double.ledger.calls == []
