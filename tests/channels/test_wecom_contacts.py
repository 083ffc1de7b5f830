"""Members' contacts: greeted by code, written to by members, and told of truly."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.channels.base import GroupSender, MemoryState, ResultSource, Withdrawer
from bot.channels.wecom import Pace, WecomAccount, WecomContactsChannel
from bot.channels.wecom.contacts import LONGEST
from bot.channels.wecom.followers import gained, lost
from bot.channels.wecom.tasks import PATIENCE, REMINDER
from bot.clock import MovableClock
from bot.errors import (
    ContentRefused,
    DatabaseBusy,
    OutcomeUnknown,
    RecipientGone,
    Throttled,
    TryLater,
)
from bot.messages import Card, Event, GroupReceipt, Outgoing, Picture, StatusReport
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, EventKind
from tests.channels.kit_wecom import PATIENCE as HTTP_PATIENCE
from tests.channels.waiting import until
from tests.channels.wecom import ACCOUNT, CLIENT, HEAD, Guarded, Pushing
from tests.doubles.faults import Fault, HangUp, errcode, http_error
from tests.doubles.server import running
from tests.doubles.wecom import WecomDouble

MEMBER = "ZhangSan"
CREATE, WELCOME = "externalcontact/add_msg_template", "externalcontact/send_welcome_msg"


@dataclass
class Stage:
    """The channel, its double, and how the platform tells of contacts."""

    double: WecomDouble
    clock: MovableClock
    account: WecomAccount
    state: MemoryState
    channel: WecomContactsChannel

    async def come(self, client: str = CLIENT, member: str = MEMBER) -> Event:
        """A client becomes a member's contact, and the channel is told."""
        code = self.double.contacts.add(client, member)
        return await self.tell("add_external_contact", client, State="qr7", WelcomeCode=code)

    async def tell(self, change: str, client: str = CLIENT, **more: str) -> Event:
        fields = {"Event": "change_external_contact", "ChangeType": change, "UserID": MEMBER, "MsgType": "event"}
        request = Pushing().post({**HEAD, **fields, "ExternalUserID": client, **more})
        [item] = (await self.channel.receive(request)).items
        assert isinstance(item, Event)
        return item

    def outgoing(self, text: str, client: str = CLIENT) -> Outgoing:
        return Outgoing(7, Addressee(ChannelKind.WECOM, "main-contacts", client), text)

    async def heard(self) -> Sequence[StatusReport | Event]:
        """The next news of the poll."""
        async with asyncio.timeout(10), aclosing(self.channel.poll()) as rounds:
            return list(await anext(rounds))

    async def reported(self) -> list[StatusReport]:
        """The next reports of the poll."""
        return [item for item in await self.heard() if isinstance(item, StatusReport)]

    async def taken(self) -> None:
        """Take all that the poll brings until no task is open."""

        async def take() -> None:
            async for _ in self.channel.poll():
                pass

        taking = asyncio.create_task(take())
        await until(lambda: self.state.values["tasks"] == "{}")
        taking.cancel()
        await asyncio.wait({taking})


@pytest_asyncio.fixture
async def stage(clock: MovableClock) -> AsyncIterator[Stage]:
    async with running(WecomDouble(clock)) as double:
        account = replace(ACCOUNT, api_root=double.root, patience=HTTP_PATIENCE, pace=Pace(results=0.01))
        state = MemoryState()
        channel = WecomContactsChannel(account, state, clock)
        yield Stage(double, clock, account, state, channel)
        await channel.close()


def one(name: str, state: DeliveryState, code: str = "", rule: str = "reported") -> StatusReport:
    return StatusReport(state, name, code=code, rule=rule)


async def test_a_new_contact_has_followed_and_is_greeted_by_code(stage: Stage) -> None:
    event = await stage.come()
    assert (event.kind, event.value, event.sender.account) == (EventKind.FOLLOWED, "qr7", "main-contacts")
    assert (await stage.channel.send(stage.outgoing("欢迎"))).state is DeliveryState.SENT
    assert [(entry.via, entry.text) for entry in stage.double.ledger.of(CLIENT)] == [("welcome", "欢迎")]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("del_follow_user", EventKind.UNFOLLOWED),
        ("del_external_contact", EventKind.UNFOLLOWED),
        ("edit_external_contact", EventKind.OTHER),
        ("add_half_external_contact", EventKind.RETURNED),
        ("add_external_contact", EventKind.RETURNED),
    ],
)
async def test_every_change_of_a_contact_is_told(stage: Stage, change: str, kind: EventKind) -> None:
    assert (await stage.tell(change)).kind is kind


async def test_a_contact_who_came_without_asking_is_greeted_once(stage: Stage) -> None:
    code = stage.double.contacts.add(CLIENT, MEMBER)
    came = await stage.tell("add_half_external_contact", State="qr7", WelcomeCode=code)
    confirmed = await stage.tell("add_external_contact", State="qr7")
    assert [(one.kind, one.value) for one in (came, confirmed)] == [
        (EventKind.FOLLOWED, "qr7"),
        (EventKind.RETURNED, "qr7"),
    ]


async def test_a_client_is_gone_when_the_last_member_is(stage: Stage) -> None:
    for member in (MEMBER, "other", "other"):
        await stage.tell("add_external_contact", UserID=member)
    kinds = [(await stage.tell("del_follow_user", UserID=member)).kind for member in (MEMBER, "other", "other")]
    assert kinds == [EventKind.OTHER, EventKind.UNFOLLOWED, EventKind.UNFOLLOWED]
    await stage.tell("add_external_contact", UserID=MEMBER)
    assert (await stage.tell("del_external_contact", UserID="unheard of")).kind is EventKind.OTHER


async def test_members_who_come_and_go_at_the_same_time_are_all_known() -> None:
    """Told to several processes, none of which has the client to itself."""

    class Shared(MemoryState):
        async def get(self, key: str) -> str | None:
            value = await super().get(key)
            await asyncio.sleep(0)  # another process gets its turn
            return value

    state = Shared()
    await asyncio.gather(*(gained(state, CLIENT, member) for member in ("a", "b", "c")))
    assert await asyncio.gather(*(lost(state, CLIENT, member) for member in ("c", "b"))) == [True, True]
    assert not await lost(state, CLIENT, "a")
    assert not [key for key in state.values if key.startswith("lease:")]


async def test_a_late_greeting_awaits_the_member(stage: Stage) -> None:
    await stage.come()
    stage.clock.move(timedelta(seconds=20))
    receipt = await stage.channel.send(stage.outgoing("欢迎"))
    assert receipt.state is DeliveryState.AWAITING_STAFF
    assert stage.double.ledger.texts(CLIENT) == []


@pytest.mark.parametrize(("code", "outcome"), [(41096, TryLater), (-1, TryLater), (45009, Throttled)])
async def test_a_greeting_that_may_be_tried_again(stage: Stage, code: int, outcome: type[Exception]) -> None:
    await stage.come()
    stage.double.faults.add(Fault(errcode(code), WELCOME))
    with pytest.raises(outcome):
        await stage.channel.send(stage.outgoing("欢迎"))
    await stage.channel.send(stage.outgoing("欢迎"))
    assert stage.double.ledger.texts(CLIENT) == ["欢迎"]


async def test_a_member_who_was_faster_gets_a_task_instead(stage: Stage) -> None:
    await stage.come()
    stage.double.faults.add(Fault(errcode(41051), WELCOME))
    receipt = await stage.channel.send(stage.outgoing("欢迎"))
    assert receipt.state is DeliveryState.AWAITING_STAFF


async def test_one_task_for_many_and_who_cannot_be_reached_is_named(stage: Stage) -> None:
    sender: GroupSender = stage.channel
    for client in ("a", "b"):
        await stage.come(client)
    receipt = await sender.send_group(stage.outgoing("通知"), ["a", "b", "stranger"])
    assert receipt.state is DeliveryState.AWAITING_STAFF
    assert isinstance(receipt, GroupReceipt)
    assert (set(receipt.by_address), set(receipt.refused)) == ({"a", "b"}, {"stranger"})
    with pytest.raises(ContentRefused):
        await sender.send_group(stage.outgoing("通知"), ["a"] * 10_001)
    assert len(stage.double.contacts.tasks) == 1
    nobody = await sender.send_group(stage.outgoing("通知"), ["stranger"])
    assert isinstance(nobody, GroupReceipt)
    assert (dict(nobody.by_address), set(nobody.refused)) == ({}, {"stranger"})
    with pytest.raises(RecipientGone):
        await stage.channel.send(stage.outgoing("通知", "stranger"))


async def test_a_picture_goes_with_the_task_and_is_handed_in_once(stage: Stage) -> None:
    stage.double.contacts.add(CLIENT, MEMBER)
    shown = replace(stage.outgoing("年末"), enclosed=(Picture(b"\xff\xd8\xff\xe0\x00\x10"),))
    receipt = await stage.channel.send_group(shown, [CLIENT])
    await stage.channel.send_group(shown, [CLIENT])
    stage.double.contacts.confirm(receipt.by_address[CLIENT].partition(":")[0], MEMBER)
    assert [entry.parcel.form for entry in stage.double.ledger.all()] == ["text", "image"]
    assert len(stage.double.ledger.called("media/upload")) == 1


async def test_a_card_goes_with_the_task(stage: Stage) -> None:
    stage.double.contacts.add(CLIENT, MEMBER)
    card = Card("开户", "https://a.example", "三步完成")
    receipt = await stage.channel.send_group(replace(stage.outgoing("年末"), enclosed=(card,)), [CLIENT])
    stage.double.contacts.confirm(receipt.by_address[CLIENT].partition(":")[0], MEMBER)
    assert [entry.parcel.form for entry in stage.double.ledger.all()] == ["text", "link"]


async def test_a_greeting_may_have_a_picture(stage: Stage) -> None:
    await stage.come()
    await stage.channel.send(replace(stage.outgoing("您好"), enclosed=(Picture(b"\xff\xd8\xff\xe0\x00\x10"),)))
    assert [entry.parcel.form for entry in stage.double.ledger.all()] == ["text", "image"]


async def test_results_tell_each_client_apart(stage: Stage) -> None:
    source: ResultSource = stage.channel
    for client in ("a", "b", "c", "d"):
        await stage.come(client, "other" if client == "d" else MEMBER)
    await stage.channel.send_group(stage.outgoing("早"), ["b"])
    stage.double.contacts.confirm(next(iter(stage.double.contacts.tasks)), MEMBER)
    names = dict((await stage.channel.send_group(stage.outgoing("通知"), ["a", "b", "c", "d"])).by_address)
    assert await source.results(list(names.values())) == []
    stage.double.contacts.remove("c", MEMBER)
    stage.double.contacts.page = 2
    stage.double.contacts.confirm(names["a"].partition(":")[0], MEMBER)
    assert await source.results(list(names.values())) == [
        one(names["a"], DeliveryState.DELIVERED, "status 1"),
        one(names["b"], DeliveryState.FAILED, "status 3", "mass_limit"),
        one(names["c"], DeliveryState.FAILED, "status 2", "gone"),
    ]
    assert len(await source.results([names["b"]])) == 1


async def test_the_poll_brings_results_until_nobody_waits(stage: Stage) -> None:
    for client, member in (("a", MEMBER), ("b", "other")):
        await stage.come(client, member)
    names = (await stage.channel.send_group(stage.outgoing("通知"), ["a", "b"])).by_address
    msgid = names["a"].partition(":")[0]
    stage.double.contacts.confirm(msgid, MEMBER)
    assert await stage.reported() == [one(names["a"], DeliveryState.DELIVERED, "status 1")]
    stage.double.contacts.confirm(msgid, "other")
    assert [report.state for report in await stage.reported()] == [DeliveryState.DELIVERED] * 2
    await stage.taken()


async def test_an_unconfirmed_task_expires_and_is_taken_back(stage: Stage) -> None:
    await stage.come()
    names = (await stage.channel.send_group(stage.outgoing("通知"), [CLIENT])).by_address
    stage.clock.move(PATIENCE)
    assert await stage.reported() == [one(names[CLIENT], DeliveryState.EXPIRED, rule="unconfirmed")]
    assert next(iter(stage.double.contacts.tasks.values())).cancelled


async def test_what_cannot_be_taken_back_may_be_confirmed_yet(stage: Stage) -> None:
    await stage.come()
    names = (await stage.channel.send_group(stage.outgoing("通知"), [CLIENT])).by_address
    stage.double.faults.add(Fault(errcode(40058), "externalcontact/cancel_groupmsg_send"))
    stage.clock.move(PATIENCE)
    assert await stage.reported() == [one(names[CLIENT], DeliveryState.EXPIRED, rule="unclear")]


async def test_no_fault_ends_the_poll(stage: Stage) -> None:
    await stage.come()
    names = (await stage.channel.send_group(stage.outgoing("通知"), [CLIENT])).by_address
    stage.double.contacts.confirm(names[CLIENT].partition(":")[0], MEMBER)
    for fault in (errcode(-1), http_error(), errcode(45033)):
        stage.double.faults.add(Fault(fault, "externalcontact/get_groupmsg_task"))
    assert len(await stage.reported()) == 1


async def test_members_are_reminded_once_a_day_while_somebody_waits(stage: Stage) -> None:
    for client, member in (("a", MEMBER), ("b", "other")):
        await stage.come(client, member)
    await stage.channel.send_group(stage.outgoing("通知"), ["a", "b"])
    [(msgid, task)] = stage.double.contacts.tasks.items()
    stage.double.contacts.confirm(msgid, MEMBER)
    for hours, reminders in ((23, 0), (1, 1), (23, 1), (1, 2)):
        stage.clock.move(timedelta(hours=hours))
        await stage.reported()
        assert len(task.reminders) == reminders


async def test_a_refused_reminder_ends_nothing(stage: Stage) -> None:
    for client, member in (("a", MEMBER), ("b", "other")):
        await stage.come(client, member)
    await stage.channel.send_group(stage.outgoing("通知"), ["a", "b"])
    stage.double.contacts.confirm(next(iter(stage.double.contacts.tasks)), MEMBER)
    stage.double.faults.add(Fault(errcode(45033), "externalcontact/remind_groupmsg_send"))
    stage.clock.move(REMINDER)
    assert len(await stage.reported()) == 1


async def test_a_client_who_left_the_member_is_told_as_gone(stage: Stage) -> None:
    await stage.come()
    stage.clock.move(timedelta(minutes=1))
    await stage.channel.send_group(stage.outgoing("通知"), [CLIENT])
    stage.double.contacts.remove(CLIENT, MEMBER)
    stage.double.contacts.confirm(next(iter(stage.double.contacts.tasks)), MEMBER)
    report, event = await stage.heard()
    assert isinstance(report, StatusReport)
    assert isinstance(event, Event)
    assert (event.kind, event.sender.address) == (EventKind.UNFOLLOWED, CLIENT)


async def test_a_client_with_another_member_has_not_gone(stage: Stage) -> None:
    await stage.tell("add_external_contact", UserID="other")
    await stage.come()
    stage.clock.move(timedelta(minutes=1))
    await stage.channel.send_group(stage.outgoing("通知"), [CLIENT])
    stage.double.contacts.remove(CLIENT, MEMBER)
    stage.double.contacts.confirm(next(iter(stage.double.contacts.tasks)), MEMBER)
    [report] = await stage.heard()
    assert isinstance(report, StatusReport)
    assert (report.state, report.rule) == (DeliveryState.FAILED, "gone")


async def test_what_was_taken_back_reports_who_had_it_before(stage: Stage) -> None:
    back: Withdrawer = stage.channel
    for client, member in (("a", MEMBER), ("b", "other")):
        await stage.come(client, member)
    names = (await stage.channel.send_group(stage.outgoing("通知"), ["a", "b"])).by_address
    [(msgid, task)] = stage.double.contacts.tasks.items()
    stage.double.contacts.confirm(msgid, MEMBER)
    assert await back.withdraw(list(names.values())) == [one(names["a"], DeliveryState.DELIVERED, "status 1")]
    assert (task.cancelled, stage.state.values["tasks"]) == (True, "{}")


async def test_a_task_that_cannot_be_stopped_any_more_is_settled(stage: Stage) -> None:
    await stage.come()
    names = (await stage.channel.send_group(stage.outgoing("通知"), [CLIENT])).by_address
    stage.double.faults.add(Fault(errcode(41093), "externalcontact/cancel_groupmsg_send"))
    assert await stage.channel.withdraw(list(names.values())) == []
    assert stage.state.values["tasks"] == "{}"


async def test_a_task_whose_answer_was_lost_is_in_doubt(stage: Stage) -> None:
    await stage.come()
    stage.clock.move(timedelta(minutes=1))
    stage.state.values.clear()
    stage.double.faults.add(Fault(HangUp(), CREATE, after=True))
    with pytest.raises(OutcomeUnknown):
        await stage.channel.send(stage.outgoing("通知"))
    assert not stage.channel.capabilities.native_idempotency


@pytest.mark.parametrize("text", ["", "\x00", "长" * (LONGEST // 3 + 1)])
async def test_nothing_and_too_much_is_not_sent(stage: Stage, text: str) -> None:
    for sending in (stage.channel.send(stage.outgoing(text)), stage.channel.send_group(stage.outgoing(text), [CLIENT])):
        with pytest.raises(ContentRefused):
            await sending
    assert stage.double.ledger.calls == []


async def test_a_code_that_cannot_be_kept_is_not_acknowledged(stage: Stage) -> None:
    class Full(MemoryState):
        async def put(self, key: str, value: str, ttl: timedelta | None = None) -> None:
            raise DatabaseBusy("locked")

    stage.channel = WecomContactsChannel(stage.account, Full(), stage.clock)
    with pytest.raises(DatabaseBusy):
        await stage.come()


async def test_only_the_holder_of_the_lease_fetches(stage: Stage) -> None:
    await stage.come()
    state = Guarded()
    channel = WecomContactsChannel(stage.account, state, stage.clock)
    names = (await channel.send_group(stage.outgoing("通知"), [CLIENT])).by_address
    stage.double.contacts.confirm(names[CLIENT].partition(":")[0], MEMBER)
    state.held = True
    async with asyncio.timeout(10), aclosing(channel.poll()) as rounds:
        page = asyncio.create_task(anext(rounds))
        await until(lambda: state.refused >= 2)
        assert stage.double.ledger.called("externalcontact/get_groupmsg_task") == []
        state.held = False
        assert len(await page) == 1
    await channel.close()


async def test_a_code_by_which_a_member_is_added_brings_what_it_carries(stage: Stage) -> None:
    picture = await stage.channel.ways.make(MEMBER, "ABCD2345")
    assert (picture, stage.double.contacts.ways) == ("https://wework.qpic.cn/way1", {"way1": (MEMBER, "ABCD2345")})
    event = await stage.tell("add_external_contact", State="ABCD2345", WelcomeCode="c")
    assert (event.kind, event.value) == (EventKind.FOLLOWED, "ABCD2345")


@pytest.mark.parametrize("state", ["", "x" * 31])
async def test_a_code_carries_what_the_platform_takes(stage: Stage, state: str) -> None:
    with pytest.raises(ContentRefused):
        await stage.channel.ways.make(MEMBER, state)
    assert stage.double.contacts.ways == {}


async def test_a_member_who_may_have_no_contacts_gets_no_code(stage: Stage) -> None:
    with pytest.raises(RecipientGone):
        await stage.channel.ways.make("LiSi", "ABCD2345")
