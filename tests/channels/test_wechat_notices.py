"""Subscription notices: consents read from events, a notice sent once, and every refusal of theirs."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState
from bot.channels.wechat import Template, WechatAccount, WechatChannel
from bot.clock import MovableClock
from bot.errors import ContentRefused, OutcomeUnknown, QuotaUsed, SendError, TryLater, WindowClosed
from bot.messages import Event, Form
from bot.vocabulary import EventKind
from tests.channels.kit_wechat import WechatKit, opened
from tests.channels.wechat import ACCOUNT, HEAD, OPENID, Pushing, channel, outgoing
from tests.doubles.faults import Fault, errcode, json_answer, junk
from tests.doubles.wechat import Mode

SEND = "message/subscribe/bizsend"
FIELDS = {"number": "{{ number }}"}
FORMS = {"complaint_progress": Template("SM1", FIELDS, "https://branch.example/t")}
MESSAGE = replace(outgoing("long text"), form=Form("complaint_progress", {"number": "T1\x00"}), idempotency_key="7")
ALLOWED, STOPPED = EventKind.NOTICE_ALLOWED, EventKind.NOTICE_STOPPED


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WechatKit]:
    async with opened(clock, Mode.SAFE) as opened_kit:
        opened_kit.double.account.notices["SM1"] = "工单 {{number.DATA}} 有新进展"
        opened_kit.channel = WechatChannel(replace(opened_kit.account, notices=FORMS), MemoryState(), clock)
        yield opened_kit
        await opened_kit.channel.close()


def answer(form: str, status: str) -> dict[str, str]:
    """What a client said to one form."""
    return {"TemplateId": form, "SubscribeStatusString": status}


BOTH = [answer("SM1", "accept"), answer("SM2", "reject"), answer("SM3", "accept"), answer("SM4", "ban")]
CONSENTS: Mapping[str, tuple[dict[str, object], list[tuple[EventKind, str]]]] = {
    "one": ({"SubscribeMsgPopupEvent": {"List": answer("SM1", "accept")}}, [(ALLOWED, "SM1")]),
    "several": ({"SubscribeMsgPopupEvent": {"List": BOTH}}, [(ALLOWED, "SM1"), (ALLOWED, "SM3")]),
    "a list without a name": ({"List": BOTH}, [(ALLOWED, "SM1"), (ALLOWED, "SM3")]),
    "a bare list": ({"SubscribeMsgPopupEvent": BOTH[:1]}, [(ALLOWED, "SM1")]),
    "a no takes nothing back": (
        {"SubscribeMsgPopupEvent": {"List": BOTH[1:2]}},
        [(EventKind.OTHER, "subscribe_msg_popup_event")],
    ),
    "nothing": ({}, [(EventKind.OTHER, "subscribe_msg_popup_event")]),
    "no form": ({"List": [answer("", "accept")]}, [(EventKind.OTHER, "subscribe_msg_popup_event")]),
    "switched off": (
        {"Event": "subscribe_msg_change_event", "SubscribeMsgChangeEvent": {"List": BOTH[1:2]}},
        [(STOPPED, "SM2")],
    ),
    "switched on": (
        {"Event": "subscribe_msg_change_event", "List": BOTH[:1]},
        [(EventKind.OTHER, "subscribe_msg_change_event")],
    ),
}


async def read(fields: Mapping[str, object]) -> Sequence[Event]:
    body = json.dumps({**HEAD, "MsgType": "event", "Event": "subscribe_msg_popup_event", **fields}).encode()
    received = await channel().receive(replace(Pushing(Mode.PLAIN).post(), body=body))
    assert received.passive is None
    return [item for item in received.items if isinstance(item, Event)]


@pytest.mark.parametrize(("fields", "consents"), CONSENTS.values(), ids=CONSENTS)
async def test_consents_are_read_one_by_one(fields: dict[str, object], consents: list[tuple[EventKind, str]]) -> None:
    items = await read(fields)
    assert [(item.kind, item.value) for item in items] == consents
    assert len({item.platform_id for item in items}) == len(items)


async def test_a_repeated_push_of_consents_has_the_same_ids() -> None:
    fields: dict[str, object] = {"SubscribeMsgPopupEvent": {"List": BOTH}}
    assert [item.platform_id for item in await read(fields)] == [item.platform_id for item in await read(fields)]


async def test_a_notice_arrives_filled_in_and_uses_up_a_consent(kit: WechatKit) -> None:
    follower = kit.double.account.follower(OPENID)
    follower.windows.clear()
    follower.consents["SM1"] = 1
    receipt = await kit.channel.send(MESSAGE)
    [entry] = kit.double.ledger.all()
    assert (entry.via, entry.text) == ("notice", "工单 T1 有新进展")
    assert (receipt.platform_message_ids, receipt.messages) == ((f"notice:{entry.parcel.message_id}",), 0)
    with pytest.raises(WindowClosed):
        await kit.channel.send(MESSAGE)


async def test_an_answer_without_a_number_is_taken_all_the_same(kit: WechatKit) -> None:
    kit.double.faults.add(Fault(json_answer({"errcode": 0, "errmsg": "ok"}), SEND))
    assert (await kit.channel.send(MESSAGE)).platform_message_ids == ()


async def test_a_lost_answer_leaves_the_outcome_open(kit: WechatKit) -> None:
    kit.double.account.follower(OPENID).consents["SM1"] = 2
    kit.double.faults.add(Fault(junk(), SEND, after=True))
    with pytest.raises(OutcomeUnknown):
        await kit.channel.send(MESSAGE)
    assert len(kit.double.ledger.all()) == 1


CODES: Mapping[int, type[SendError]] = {
    -1: TryLater,
    43101: WindowClosed,
    40037: ContentRefused,
    47003: ContentRefused,
    45009: QuotaUsed,
    48001: WindowClosed,
}


@pytest.mark.parametrize(("code", "outcome"), CODES.items())
async def test_every_refusal_has_its_outcome(kit: WechatKit, code: int, outcome: type[SendError]) -> None:
    kit.double.faults.add(Fault(errcode(code), SEND))
    with pytest.raises(outcome):
        await kit.channel.send(MESSAGE)


BOTH_KINDS = replace(ACCOUNT, templates={"complaint_received": Template("TM1", FIELDS)}, notices=FORMS)


@pytest.mark.parametrize(
    ("account", "registered", "consented"),
    [
        (BOTH_KINDS, {"complaint_received", "complaint_progress"}, {"complaint_progress": "SM1"}),
        (
            replace(BOTH_KINDS, customer_messages=False),
            {"complaint_received", "complaint_progress"},
            {"complaint_progress": "SM1"},
        ),
        (replace(BOTH_KINDS, secret=None), set(), {}),
    ],
)
def test_what_needs_a_consent_is_told(account: WechatAccount, registered: set[str], consented: dict[str, str]) -> None:
    capabilities = WechatChannel(account, MemoryState(), MovableClock()).capabilities
    assert set(capabilities.registered) == registered
    assert capabilities.consented == consented
