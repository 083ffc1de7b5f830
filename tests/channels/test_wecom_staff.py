"""Members are told what concerns them, never more than the platform delivers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from bot.channels.base import MemoryState, StaffNotices
from bot.channels.tencent.notes import SharedNote
from bot.channels.wecom import GroupRobot, WecomAppChannel
from bot.channels.wecom.account import DAILY
from bot.channels.wecom.limits import A_MINUTE, AN_HOUR, Allowance, Limits
from bot.clock import BRANCH_ZONE, MovableClock
from bot.errors import ChannelStopped, ContentRefused, OutcomeUnknown, QuotaUsed, Throttled, TryLater
from bot.messages import Event, Incoming, Outgoing
from bot.vocabulary import EventKind, MessageKind
from tests.channels.kit_wecom import WecomAppKit, opened_app
from tests.channels.wecom import HEAD, MEMBER, channel
from tests.doubles.faults import Fault, HangUp, errcode
from tests.doubles.wecom import ROBOT

SEND = "message/send"


@pytest_asyncio.fixture
async def kit(clock: MovableClock) -> AsyncIterator[WecomAppKit]:
    async with opened_app(clock) as opened_kit:
        yield opened_kit


@pytest_asyncio.fixture
async def robot(kit: WecomAppKit) -> AsyncIterator[GroupRobot]:
    made = GroupRobot(replace(kit.account, robot_key=ROBOT), MemoryState(), kit.clock)
    yield made
    await made.close()


def said(kit: WecomAppKit, text: str, delivery_id: int = 7) -> Outgoing:
    return Outgoing(delivery_id, kit.client, text)


async def test_a_thousand_members_go_in_one_call(kit: WecomAppKit) -> None:
    members = [f"Member{number}" for number in range(1001)]
    kit.double.office.members.update(members)
    assert (await kit.channel.notify(members, "收盘提醒")).unknown == frozenset()
    assert len(kit.double.ledger.called(SEND)) == 2
    assert [kit.double.ledger.texts(member) for member in members] == [["收盘提醒"]] * 1001


@pytest.mark.parametrize("delivery_id", [1, 625, 626], ids=["short", "longest", "round again"])
async def test_a_repeat_is_recognised_for_as_long_as_we_trust_in_it(kit: WecomAppKit, delivery_id: int) -> None:
    recognises = kit.channel.capabilities.recognises
    assert recognises is not None
    await kit.channel.send(said(kit, "您好", delivery_id))
    kit.clock.move(recognises - timedelta(seconds=1))
    await kit.channel.send(said(kit, "您好", delivery_id))
    assert kit.double.ledger.texts(MEMBER) == ["您好"]


async def test_unknown_members_are_named_as_we_named_them(kit: WecomAppKit) -> None:
    told = await kit.channel.notify([MEMBER, "LiSi"], "提醒")
    assert told.unknown == {"LiSi"}
    assert (await kit.channel.notify(["LiSi", "WangWu"], "提醒")).unknown == {"LiSi", "WangWu"}


async def test_who_had_enough_is_named_and_nothing_is_dropped(kit: WecomAppKit) -> None:
    for number in range(A_MINUTE):
        assert not (await kit.channel.notify([MEMBER], f"提醒{number}")).over_limit
    assert (await kit.channel.notify([MEMBER], "太多")).over_limit == {MEMBER}
    with pytest.raises(Throttled):
        await kit.channel.send(said(kit, "太多"))
    assert kit.double.office.dropped == []
    kit.clock.move(timedelta(minutes=2))
    assert not (await kit.channel.notify([MEMBER], "好了")).over_limit


async def test_the_limits_hold_over_processes_and_over_an_hour(clock: MovableClock) -> None:
    state = MemoryState()
    limits = [Limits(SharedNote(state, "members"), clock) for _ in range(2)]
    admitted = 0
    for minute in range(50):
        for number in range(A_MINUTE + 1):
            admitted += len(await limits[(minute + number) % 2].admit(["a"]))
        clock.move(timedelta(minutes=1))
    assert admitted == 25 * A_MINUTE
    clock.move(timedelta(hours=2))
    assert admitted < AN_HOUR
    assert await limits[0].admit(["a"]) == {"a"}


async def test_the_app_says_no_more_a_day_than_its_corp_may(kit: WecomAppKit) -> None:
    small = WecomAppChannel(replace(kit.account, accounts=1), kit.state, kit.clock)
    for number in range(DAILY // 2):
        assert not (await small.notify([MEMBER, "LiSi"], f"提醒{number}")).over_limit
        kit.clock.move(timedelta(minutes=1))
    with pytest.raises(QuotaUsed) as caught:
        await small.send(said(kit, "太多"))
    assert caught.value.until == datetime(2026, 11, 24, tzinfo=BRANCH_ZONE)
    kit.clock.set(caught.value.until)
    assert not (await small.notify([MEMBER], "第二天")).over_limit
    await small.close()


async def test_what_is_left_of_a_day_goes_to_the_first(clock: MovableClock) -> None:
    limits = Limits(SharedNote(MemoryState(), "members"), clock, Allowance(a_day=2))
    assert len(await limits.admit(["a", "b", "c"])) == 2
    with pytest.raises(QuotaUsed):
        await limits.admit(["a"])


async def test_a_note_that_another_process_holds_is_tried_later(
    clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.tencent.notes._TRIES", 2)
    state = MemoryState()
    await state.lease("members", "another process", timedelta(seconds=10))
    with pytest.raises(TryLater):
        await Limits(SharedNote(state, "members"), clock).admit(["a"])


async def test_a_repeat_after_a_lost_answer_arrives_once(kit: WecomAppKit) -> None:
    kit.double.faults.add(Fault(HangUp(), SEND, after=True))
    with pytest.raises(OutcomeUnknown):
        await kit.channel.send(said(kit, "提醒"))
    await kit.channel.send(said(kit, "提醒"))
    assert kit.got() == ["提醒"]


async def test_the_same_words_of_two_deliveries_arrive_twice(kit: WecomAppKit) -> None:
    for delivery_id in (7, 8):
        await kit.channel.send(said(kit, "提醒", delivery_id))
    assert kit.got() == ["提醒", "提醒"]


async def test_a_wrong_agent_stops_the_app(kit: WecomAppKit) -> None:
    wrong = WecomAppChannel(replace(kit.account, agent_id=1), MemoryState(), kit.clock)
    with pytest.raises(ChannelStopped):
        await wrong.notify([MEMBER], "提醒")
    await wrong.close()


@pytest.mark.parametrize("text", ["", "\x00 "])
async def test_nothing_is_not_sent(kit: WecomAppKit, robot: GroupRobot, text: str) -> None:
    ways: list[StaffNotices] = [kit.channel, robot]
    for way in ways:
        with pytest.raises(ContentRefused):
            await way.notify([MEMBER], text)
    with pytest.raises(ContentRefused):
        await kit.channel.send(said(kit, text))
    assert kit.double.ledger.calls == []


async def test_a_robot_stops_before_it_is_blocked(kit: WecomAppKit, robot: GroupRobot) -> None:
    for number in range(20):
        await robot.notify([MEMBER], f"提醒{number}")
    kit.clock.move(timedelta(seconds=40))
    with pytest.raises(Throttled) as caught:
        await robot.notify([], "太多")
    assert caught.value.retry_after == 60
    kit.clock.move(timedelta(minutes=2))
    await robot.notify([], "好了")
    assert len(kit.double.ledger.texts(ROBOT)) == 21


@pytest.mark.parametrize(("code", "outcome"), [(45009, Throttled), (130101, Throttled), (93000, ChannelStopped)])
async def test_what_a_robot_is_refused(
    kit: WecomAppKit, robot: GroupRobot, code: int, outcome: type[Exception]
) -> None:
    kit.double.faults.add(Fault(errcode(code), "webhook/send"))
    with pytest.raises(outcome):
        await robot.notify([], "提醒")


PUSHES = {
    "subscribe": ({"MsgType": "event", "Event": "subscribe"}, EventKind.FOLLOWED, ""),
    "unsubscribe": ({"MsgType": "event", "Event": "unsubscribe"}, EventKind.UNFOLLOWED, ""),
    "click": ({"MsgType": "event", "Event": "click", "EventKey": "menu"}, EventKind.CLICKED, "menu"),
    "enter": ({"MsgType": "event", "Event": "enter_agent"}, EventKind.OTHER, "enter_agent"),
}


@pytest.mark.parametrize(("fields", "kind", "value"), PUSHES.values(), ids=PUSHES)
async def test_what_a_member_does_in_the_app(
    kit: WecomAppKit, fields: dict[str, object], kind: EventKind, value: str
) -> None:
    request = kit.pushing().post({**HEAD, "FromUserName": MEMBER, **fields})
    [item] = (await kit.channel.receive(request)).items
    assert isinstance(item, Event)
    assert (item.sender, item.kind, item.value) == (kit.client, kind, value)


async def test_a_picture_of_a_member_is_read(kit: WecomAppKit) -> None:
    fields = {**HEAD, "FromUserName": MEMBER, "MsgType": "image", "MediaId": "m", "PicUrl": "https://a.example"}
    [item] = (await channel().receive(kit.pushing().post({**fields, "MsgId": 12}))).items
    assert isinstance(item, Incoming)
    assert (item.kind, item.platform_id) == (MessageKind.IMAGE, "12")
    assert item.media == {"media_id": "m", "url": "https://a.example"}


async def test_a_corp_without_an_app_passes_its_words_over(kit: WecomAppKit) -> None:
    without = channel(replace(kit.account, secret=None))
    assert (await without.receive(kit.pushed("你好"))).items == ()
