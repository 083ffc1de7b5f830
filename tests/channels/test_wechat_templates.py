"""Template messages: filled in, sent once, reported later; and every refusal of theirs."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState
from bot.channels.wechat import Template, WechatAccount, WechatChannel
from bot.clock import MovableClock
from bot.errors import ContentRefused, OutcomeUnknown, QuotaUsed, RecipientGone, SendError, TryLater, WindowClosed
from bot.messages import Form
from tests.channels.kit_wechat import WechatKit, opened
from tests.channels.wechat import ACCOUNT, OPENID, outgoing
from tests.doubles.faults import Fault, errcode, junk
from tests.doubles.wechat import Mode

SEND = "message/template/send"
FIELDS = {"number": "{{ number }}"}
FORM = Form("complaint_progress", {"number": "T1\x00"})
TEMPLATES = {"complaint_progress": Template("TM1", FIELDS, "https://branch.example/t")}


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        opened_kit.double.account.templates["TM1"] = "工单 {{number.DATA}} 已受理"
        yield opened_kit


@pytest_asyncio.fixture
async def channel(kit: WechatKit) -> AsyncIterator[WechatChannel]:
    made = WechatChannel(replace(kit.account, templates=TEMPLATES), MemoryState(), kit.clock)
    yield made
    await made.close()


MESSAGE = replace(outgoing("long text"), form=FORM, idempotency_key="7")


async def test_a_form_arrives_filled_in_outside_any_window(kit: WechatKit, channel: WechatChannel) -> None:
    kit.double.account.follower(OPENID).windows.clear()
    receipt = await channel.send(MESSAGE)
    [entry] = kit.double.ledger.all()
    assert (entry.via, entry.text) == ("template", "工单 T1 已受理")
    assert (receipt.platform_message_ids, receipt.messages) == ((f"template:{entry.parcel.message_id}",), 0)


async def test_a_lost_answer_is_asked_for_again_and_the_form_comes_once(kit: WechatKit, channel: WechatChannel) -> None:
    kit.double.faults.add(Fault(junk(), SEND, after=True))
    receipt = await channel.send(MESSAGE)
    [entry] = kit.double.ledger.all()
    assert receipt.platform_message_ids == (f"template:{entry.parcel.message_id}",)


async def test_an_answer_lost_twice_leaves_the_outcome_open(kit: WechatKit, channel: WechatChannel) -> None:
    kit.double.faults.add(Fault(junk(), SEND, times=2, after=True))
    with pytest.raises(OutcomeUnknown):
        await channel.send(MESSAGE)
    assert len(kit.double.ledger.all()) == 1


CODES: Mapping[int, type[SendError]] = {
    -1: TryLater,
    43004: RecipientGone,
    40003: RecipientGone,
    40037: ContentRefused,
    47001: ContentRefused,
    45009: QuotaUsed,
    48001: WindowClosed,
}


@pytest.mark.parametrize(("code", "outcome"), CODES.items())
async def test_every_refusal_has_its_outcome(
    kit: WechatKit, channel: WechatChannel, code: int, outcome: type[SendError]
) -> None:
    kit.double.faults.add(Fault(errcode(code), SEND))
    with pytest.raises(outcome):
        await channel.send(MESSAGE)


async def test_a_text_without_a_template_is_refused(kit: WechatKit) -> None:
    with pytest.raises(ContentRefused):
        await kit.channel.send(MESSAGE)
    assert kit.double.ledger.calls == []


@pytest.mark.parametrize(
    ("account", "registered"),
    [
        (ACCOUNT, {}),
        (replace(ACCOUNT, templates=TEMPLATES), {"complaint_progress": FIELDS}),
        (replace(ACCOUNT, templates=TEMPLATES, customer_messages=False), {"complaint_progress": FIELDS}),
        (replace(ACCOUNT, templates=TEMPLATES, secret=None), {}),
    ],
)
def test_what_is_registered_is_told(account: WechatAccount, registered: dict[str, object]) -> None:
    assert WechatChannel(account, MemoryState(), MovableClock()).capabilities.registered == registered
