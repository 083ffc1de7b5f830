"""Mass sends of an account without lists: a tag is put on the recipients for one text, and goes later."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.channels.wechat import WechatChannel
from bot.clock import MovableClock
from bot.errors import ChannelStopped, ContentRefused, QuotaUsed, RecipientGone, SendError, Throttled, TryLater
from bot.messages import GroupReceipt
from tests.channels.kit_wechat import WechatKit, opened
from tests.channels.wechat import outgoing
from tests.doubles.faults import Fault, errcode, junk
from tests.doubles.wechat import Mode
from tests.doubles.wechat.account import EVERYTHING, Tag

CREATE, PUT, SENDALL = "tags/create", "tags/members/batchtagging", "message/mass/sendall"
MANY = [f"oClient{number:03}" for number in range(120)]
MESSAGE = replace(outgoing("明日休市一天。"), idempotency_key="0" * 32)


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        double = opened_kit.double.account
        double.permissions, double.jobs_a_day = EVERYTHING - {"mass", "template"}, 1
        for openid in MANY:
            double.follower(openid)
        account = replace(opened_kit.account, mass_messages=True, mass_by_tag=True)
        opened_kit.channel = WechatChannel(account, opened_kit.channel_state, clock)
        yield opened_kit


def got(kit: WechatKit) -> list[str]:
    """Who really has it."""
    return sorted(entry.parcel.recipient for entry in kit.double.ledger.all())


async def test_those_meant_get_it_and_nobody_else(kit: WechatKit) -> None:
    receipt = await kit.channel.send_group(MESSAGE, MANY[:110])
    assert got(kit) == MANY[:110]
    assert receipt.platform_message_ids == (f"mass:{kit.double.account.jobs[0].msg_id}",)
    assert [len(kit.double.ledger.called(call)) for call in (PUT, SENDALL)] == [3, 1]


async def test_one_recipient_is_enough(kit: WechatKit) -> None:
    await kit.channel.send_group(MESSAGE, MANY[:1])
    assert got(kit) == MANY[:1]


async def test_who_does_not_follow_is_named_and_spoils_it_for_nobody(kit: WechatKit) -> None:
    left = {MANY[3], MANY[77], "oStranger"}
    for openid in left & set(MANY):
        kit.double.account.follower(openid).subscribed = False
    receipt = await kit.channel.send_group(MESSAGE, [*MANY, "oStranger"])
    assert isinstance(receipt, GroupReceipt)
    assert set(receipt.refused) == left
    assert got(kit) == sorted(set(MANY) - left)


async def test_where_nobody_follows_nothing_is_sent(kit: WechatKit) -> None:
    with pytest.raises(RecipientGone):
        await kit.channel.send_group(MESSAGE, ["oStranger"])
    assert kit.double.ledger.called(SENDALL) == []


async def test_a_second_one_on_a_day_waits_for_midnight(kit: WechatKit) -> None:
    await kit.channel.send_group(MESSAGE, MANY)
    with pytest.raises(QuotaUsed):
        await kit.channel.send_group(replace(MESSAGE, idempotency_key="1" * 32), MANY)
    assert got(kit) == MANY


async def test_a_lost_answer_is_asked_for_again_and_nobody_gets_it_twice(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(junk(), SENDALL, after=True))
    await kit.channel.send_group(MESSAGE, MANY)
    assert (got(kit), len(kit.double.account.jobs)) == (MANY, 1)


async def test_tags_of_earlier_days_go_and_those_of_others_stay(kit: WechatKit) -> None:
    kit.double.account.tags[1] = Tag("VIP")
    kit.double.account.tags[2] = Tag("quanfu soon")
    await kit.channel.send_group(MESSAGE, MANY[:2])
    kit.clock.move(timedelta(days=2))
    await kit.channel.send_group(replace(MESSAGE, idempotency_key="1" * 32), MANY[:2])
    names = [tag.name.split()[0] for tag in kit.double.account.tags.values()]
    assert (names, len(kit.double.account.jobs)) == (["VIP", "quanfu", "quanfu"], 2)


REFUSALS: Mapping[tuple[str, int], type[SendError]] = {
    (CREATE, -1): TryLater,
    (CREATE, 45011): Throttled,
    (CREATE, 45056): ChannelStopped,
    (CREATE, 48001): ChannelStopped,
    (PUT, 45009): QuotaUsed,
    (PUT, 45059): ChannelStopped,
    (SENDALL, 45028): QuotaUsed,
    (SENDALL, 45066): Throttled,
    (SENDALL, 45159): ContentRefused,
}


@pytest.mark.parametrize(("refused", "outcome"), REFUSALS.items())
async def test_every_refusal_has_its_outcome(
    kit: WechatKit, refused: tuple[str, int], outcome: type[SendError]
) -> None:
    call, code = refused
    kit.double.faults.add(Fault(errcode(code), call))
    with pytest.raises(outcome):
        await kit.channel.send_group(MESSAGE, MANY)
    assert got(kit) == []


@pytest.mark.parametrize("call", [CREATE, PUT, "tags/get"])
async def test_a_lost_answer_before_the_send_leaves_no_doubt(kit: WechatKit, call: str) -> None:
    kit.double.faults.add(Fault(junk(), call, after=True))
    with pytest.raises(TryLater):
        await kit.channel.send_group(MESSAGE, MANY)
    assert got(kit) == []
