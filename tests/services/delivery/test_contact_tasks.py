"""A broadcast to members' contacts: tasks that each adviser confirms, and what became of every client."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import update

from bot.channels.wecom import Pace, WecomContactsChannel
from bot.channels.wecom.contacts import CAPABILITIES, MONTHLY
from bot.messages import StatusReport
from bot.vocabulary import ChannelKind, DeliveryState, Role
from bot.vocabulary.broadcasts import BroadcastState
from services.broadcasts import report
from services.delivery import receipts
from storage.channel_state import StoredState
from storage.models import ChatAccountRow
from storage.repositories.claims import Lane
from tests.channels.kit_wecom import PATIENCE
from tests.channels.wecom import ACCOUNT
from tests.doubles.faults import Fault, HangUp, errcode
from tests.doubles.server import running
from tests.doubles.wecom import WecomDouble
from tests.outreach import BODY, PLAIN, Desk, opened_desk, staffed

PLACE = (ChannelKind.WECOM, "main-contacts")
CREATE, CANCEL = "externalcontact/add_msg_template", "externalcontact/cancel_groupmsg_send"
ZHANG, LI = "ZhangSan", "LiSi"
S = DeliveryState


@dataclass
class Stage:
    """A branch whose clients are contacts of its advisers; clients are named by their place, from 0."""

    desk: Desk
    double: WecomDouble
    channel: WecomContactsChannel
    broadcast_id: int = 0

    async def contacts(self, *advisers: str) -> list[str]:
        """One client for each adviser named, with a chat at the contacts' account."""
        ids = await self.desk.office.clients(len(advisers), kind=ChannelKind.WECOM)
        names = [f"wm{client}" for client in ids]
        for client, name, adviser in zip(ids, names, advisers, strict=True):
            chat = update(ChatAccountRow).where(ChatAccountRow.client_id == client)
            moved = chat.values(account="main-contacts", address=name)
            await self.desk.database.write(lambda unit, moved=moved: unit.session.execute(moved))  # type: ignore[misc]
            if adviser:
                self.double.contacts.add(name, adviser)
        return names

    async def send(self, latest: timedelta | None = None) -> None:
        """An approved broadcast to everybody, worked off."""
        latest_at = self.desk.office.clock.now() + latest if latest else None
        self.broadcast_id = (await self.desk.sent(replace(PLAIN, latest_at=latest_at))).id
        while await self.desk.office.pump.work(Lane(*PLACE, urgent=False)):
            pass

    async def hear(self) -> None:
        """One round of results, taken in as the server does."""
        async with aclosing(self.channel.poll()) as rounds:
            page = await anext(rounds)
        reports = [one for one in page if isinstance(one, StatusReport)]
        await self.desk.database.write(lambda unit: receipts.take(unit, self.desk.office.delivery, PLACE, reports))

    async def kill(self) -> None:
        """Compliance stops it; then the worker tidies."""
        chief = self.desk.people[Role.COMPLIANCE]
        await self.desk.database.write(lambda unit: self.desk.broadcasts.kill(unit, chief, self.broadcast_id))
        await self.tidy()

    async def tidy(self) -> None:
        """What the worker does twice a minute."""
        self.desk.office.clock.move(timedelta(seconds=30))
        await self.desk.office.pump.tidy()
        await self.desk.office.pump.withdrawals.work()

    async def states(self) -> Sequence[tuple[DeliveryState, str | None]]:
        """State and rule of every delivery, by client."""
        return [(row.state, row.rule) for row in await self.desk.office.rows()]

    async def stand(self) -> tuple[BroadcastState, int]:
        """The broadcast's own state once it has been looked at, and how many wait for staff."""
        await self.desk.watch()
        chief = self.desk.people[Role.COMPLIANCE]
        found = await self.desk.database.read(lambda unit: self.desk.broadcasts.report(unit, chief, self.broadcast_id))
        return found.broadcast.state, found.number([S.AWAITING_STAFF])

    @property
    def task(self) -> str:
        """The one task's id."""
        [msgid] = self.double.contacts.tasks
        return msgid


@pytest_asyncio.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    with opened_desk(database_url, accounts={PLACE: CAPABILITIES}) as desk:
        await staffed(desk)
        async with running(WecomDouble(desk.office.clock)) as double:
            account = replace(ACCOUNT, api_root=double.root, patience=PATIENCE, pace=Pace(results=0.01))
            state = StoredState(desk.database, desk.office.clock, "wecom:main")
            channel = WecomContactsChannel(account, state, desk.office.clock)
            desk.office.pump.channels = {PLACE: channel}
            yield Stage(desk, double, channel)
            await channel.close()


async def test_it_can_be_stopped_where_somebody_reads_the_answer(stage: Stage) -> None:
    await stage.contacts(ZHANG)
    await stage.send()
    said = stage.double.contacts.tasks[stage.task].text
    assert said.splitlines()[-1] == "不想再收到此类消息，请告知您的服务人员。"


async def test_each_adviser_confirms_one_task_and_every_client_has_a_result(stage: Stage) -> None:
    one, two, three, four, _stranger = await stage.contacts(ZHANG, ZHANG, LI, LI, "")
    await stage.send()
    assert len(stage.double.ledger.called(CREATE)) == 1
    assert stage.double.contacts.tasks[stage.task].by_member == {ZHANG: [one, two], LI: [three, four]}
    assert await stage.states() == [(S.AWAITING_STAFF, None)] * 4 + [(S.FAILED, "gone")]
    assert await stage.stand() == (BroadcastState.SENDING, 4)
    stage.double.contacts.had_one_today(two)
    stage.double.contacts.confirm(stage.task, ZHANG)
    await stage.hear()
    assert (await stage.states())[:2] == [(S.DELIVERED, None), (S.FAILED, "mass_limit")]
    assert await stage.stand() == (BroadcastState.SENDING, 2)
    stage.double.contacts.remove(four, LI)
    stage.double.contacts.confirm(stage.task, LI)
    await stage.hear()
    assert (await stage.states())[2:4] == [(S.DELIVERED, None), (S.FAILED, "gone")]
    assert await stage.stand() == (BroadcastState.DONE, 0)
    assert [stage.double.ledger.texts(client)[0].startswith(BODY) for client in (one, three)] == [True, True]
    assert stage.double.ledger.duplicates() == {}


async def test_the_report_says_when_and_why_for_each_client(stage: Stage) -> None:
    first, second = await stage.contacts(ZHANG, ZHANG)
    await stage.send()
    assert [row.sent_at for row in await stage.desk.office.rows()] == [None, None]
    stage.desk.office.clock.move(timedelta(hours=2))
    stage.double.contacts.had_one_today(second)
    stage.double.contacts.confirm(stage.task, ZHANG)
    await stage.hear()
    rows = await stage.desk.office.rows()
    assert [row.sent_at for row in rows] == [stage.desk.office.clock.now(), None]
    assert [row.platform_message_id for row in rows] == [f"{stage.task}:{first}", f"{stage.task}:{second}"]
    file = io.StringIO()
    await stage.desk.database.read(lambda unit: report.download(unit, stage.broadcast_id, file))
    file.seek(0)
    assert [(line["rule"], line["error"]) for line in csv.DictReader(file)] == [("", ""), ("mass_limit", "status 3")]


async def test_a_killed_broadcast_is_taken_back_from_advisers(stage: Stage) -> None:
    await stage.contacts(ZHANG, LI)
    await stage.send()
    stage.double.contacts.confirm(stage.task, ZHANG)
    stage.double.faults.add(Fault(errcode(-1), CANCEL))
    await stage.kill()
    assert not stage.double.contacts.tasks[stage.task].cancelled
    assert await stage.states() == [(S.AWAITING_STAFF, None)] * 2
    await stage.tidy()
    assert stage.double.contacts.tasks[stage.task].cancelled
    assert await stage.states() == [(S.DELIVERED, None), (S.CANCELLED, "broadcast_stopped")]


async def test_after_its_latest_time_nobody_can_confirm(stage: Stage) -> None:
    await stage.contacts(ZHANG)
    await stage.send(latest=timedelta(hours=1))
    await stage.tidy()
    assert not stage.double.contacts.tasks[stage.task].cancelled
    stage.desk.office.clock.move(timedelta(hours=1))
    await stage.tidy()
    assert stage.double.contacts.tasks[stage.task].cancelled
    assert await stage.states() == [(S.EXPIRED, None)]
    assert await stage.stand() == (BroadcastState.DONE, 0)


async def test_a_call_without_an_answer_leaves_everybody_of_it_in_doubt(stage: Stage) -> None:
    await stage.contacts(ZHANG, LI)
    stage.double.faults.add(Fault(HangUp(), CREATE, after=True))
    await stage.send()
    assert await stage.states() == [(S.UNCERTAIN, "unknown")] * 2


async def test_nobody_to_write_to_is_no_task(stage: Stage) -> None:
    await stage.contacts("", "")
    await stage.send()
    assert await stage.states() == [(S.FAILED, "gone")] * 2
    assert stage.double.contacts.tasks == {}


@pytest.mark.parametrize(("used", "expected"), [(MONTHLY - 1, S.AWAITING_STAFF), (MONTHLY, S.PENDING)])
async def test_a_client_gets_no_more_a_month_than_the_platform_allows(
    stage: Stage, used: int, expected: DeliveryState
) -> None:
    await stage.contacts(ZHANG)
    await stage.desk.office.change(ChatAccountRow, 1, group_month="2026-11", group_used=used)
    await stage.send()
    assert (await stage.states())[0][0] is expected
    chat = await stage.desk.database.read(lambda unit: unit.session.get_one(ChatAccountRow, 1))
    assert chat.group_used == MONTHLY
