"""Mass sends: taken once, named by the platform's number, and every refusal of theirs."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.channels.base import Group, GroupSender, MemoryState
from bot.channels.wechat import WechatAccount, WechatChannel
from bot.clock import MovableClock
from bot.errors import (
    ChannelStopped,
    ContentRefused,
    OutcomeUnknown,
    QuotaUsed,
    SendError,
    Throttled,
    TryLater,
    WindowClosed,
)
from tests.channels.kit_wechat import WechatKit, opened
from tests.channels.wechat import ACCOUNT, outgoing
from tests.doubles.faults import Fault, errcode, json_answer, junk
from tests.doubles.wechat import Mode

SEND = "message/mass/send"
MANY = ("oClient1", "oClient2", "oClient3")
MESSAGE = replace(outgoing("明日休市一天。"), idempotency_key="0" * 32)


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        for openid in MANY:
            opened_kit.double.account.follower(openid)
        yield opened_kit


def got(kit: WechatKit) -> list[tuple[str, str]]:
    """Who got what."""
    return [(entry.parcel.recipient, entry.text) for entry in kit.double.ledger.all()]


ALL = [(openid, "明日休市一天。") for openid in MANY]


async def test_everybody_gets_it_by_one_call(kit: WechatKit) -> None:
    receipt = await kit.channel.send_group(MESSAGE, MANY)
    assert (got(kit), len(kit.double.ledger.called(SEND))) == (ALL, 1)
    assert (receipt.platform_message_ids, receipt.messages) == ((f"mass:{kit.double.account.jobs[0].msg_id}",), 0)


async def test_a_lost_answer_is_asked_for_again_and_nobody_gets_it_twice(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(junk(), SEND, after=True))
    receipt = await kit.channel.send_group(MESSAGE, MANY)
    assert (got(kit), len(kit.double.ledger.called(SEND))) == (ALL, 2)
    assert receipt.platform_message_ids == (f"mass:{kit.double.account.jobs[0].msg_id}",)


async def test_taken_before_counts_as_taken(kit: WechatKit) -> None:
    first = await kit.channel.send_group(MESSAGE, MANY)
    assert await kit.channel.send_group(MESSAGE, MANY) == first
    assert got(kit) == ALL


@pytest.mark.parametrize("answer", [junk(), json_answer({"errcode": 45065}), json_answer({"errcode": 0})])
async def test_an_answer_without_a_number_leaves_the_outcome_open(kit: WechatKit, answer: object) -> None:
    kit.double.faults.add(Fault(answer, SEND, times=2))  # type: ignore[arg-type]
    with pytest.raises(OutcomeUnknown):
        await kit.channel.send_group(MESSAGE, MANY)


CODES: Mapping[int, type[SendError]] = {
    -1: TryLater,
    45011: Throttled,
    45066: Throttled,
    45009: QuotaUsed,
    45028: QuotaUsed,
    40130: ContentRefused,
    45067: ContentRefused,
    45002: ContentRefused,
    40003: ContentRefused,
    89504: TryLater,
    89505: TryLater,
    48001: WindowClosed,
    48004: ChannelStopped,
}


@pytest.mark.parametrize(("code", "outcome"), CODES.items())
async def test_every_refusal_has_its_outcome(kit: WechatKit, code: int, outcome: type[SendError]) -> None:
    kit.double.faults.add(Fault(errcode(code), SEND))
    with pytest.raises(outcome):
        await kit.channel.send_group(MESSAGE, MANY)
    assert got(kit) == []


@pytest.mark.parametrize("text", ["", "字" * 683])
async def test_what_is_not_one_message_is_refused(kit: WechatKit, text: str) -> None:
    with pytest.raises(ContentRefused):
        await kit.channel.send_group(replace(MESSAGE, text=text), MANY)
    assert kit.double.ledger.calls == []


async def test_a_fifth_in_a_month_reaches_nobody(kit: WechatKit) -> None:
    for number in range(5):
        await kit.channel.send_group(replace(MESSAGE, idempotency_key=str(number)), MANY)
        kit.clock.move(timedelta(minutes=1))
    assert len(got(kit)) == 4 * len(MANY)


BY_LIST, BY_TAG = Group(2, 10_000, 1.0, 4), Group(1, 10_000, 1.0, 31)


@pytest.mark.parametrize(
    ("account", "group"),
    [
        (ACCOUNT, None),
        (replace(ACCOUNT, mass_messages=True), BY_LIST),
        (replace(ACCOUNT, mass_messages=True, mass_by_tag=True), BY_TAG),
        (replace(ACCOUNT, mass_messages=True, secret=None), None),
    ],
)
def test_it_is_declared_with_its_quota_only_where_it_was_allowed(account: WechatAccount, group: Group | None) -> None:
    channel = WechatChannel(account, MemoryState(), MovableClock())
    assert isinstance(channel, GroupSender)
    assert channel.capabilities.group == group
