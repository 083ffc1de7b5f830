"""Staff are told what waits for them, on their own platform, in few notices."""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import pytest

from bot.app.bell import Bell, Way
from bot.app.channels import Parts, channels, staff_ways
from bot.channels.base import MemoryState, Notified
from bot.channels.wecom import GroupRobot, WecomAppChannel
from bot.clock import MovableClock
from bot.errors import ChannelStopped, DatabaseBusy, SendError, SettingsWrong, Throttled
from bot.settings import Settings, Wecom, load
from bot.vocabulary import Level
from services import personal_service
from services.tickets import Matter, Tickets
from storage.channel_state import StoredState
from storage.repositories import personal_service as assigned
from storage.repositories import staff
from storage.unit import Database, Unit
from tests.bot.stand import standing
from tests.console.stand import MONDAY, RM, Stand, stand
from tests.doubles.wecom import AES_KEY, ROBOT
from tests.handlers.rig import hours
from tests.packaged import texts

NOBODY_ELSE = ("ZhangSan",)


@dataclass
class Board:
    """Where staff read; `refusals` are raised first. `full`: how often a member is over the limit."""

    told: list[tuple[Sequence[str], str]] = field(default_factory=list)
    refusals: list[SendError] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    full: dict[str, int] = field(default_factory=dict)

    async def notify(self, members: Sequence[str], text: str) -> Notified:
        """Write it down."""
        if self.refusals:
            raise self.refusals.pop(0)
        over = frozenset(member for member in members if self.full.get(member, 0) > 0)
        self.full = {member: times - 1 for member, times in self.full.items()}
        self.told.append(([member for member in members if member not in over], text))
        return Notified(self.unknown, over)

    @property
    def lines(self) -> list[list[str]]:
        """The lines of each notice."""
        return [text.splitlines() for _, text in self.told]


@dataclass
class Office:
    """A bell on a database that rings it."""

    bell: Bell
    board: Board
    clock: MovableClock
    slept: list[float]

    async def complain(self, level: Level) -> str:
        """A new complaint; its number."""
        matter = Matter("佣金", level, None, None, self.clock.now())
        tickets = Tickets(hours)
        return (await self.bell.database.write(lambda unit: tickets.complain(unit, matter))).number

    async def announce(self, topic: str, key: str) -> None:
        """Something else that the server says after a commit."""

        def say(unit: Unit) -> None:
            unit.announce(topic, key)

        await self.bell.database.write(say)


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with standing(database_url) as stand:
        board, slept = Board(), list[float]()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        state = StoredState(stand.database, stand.clock, "bell")
        bell = Bell(stand.database, texts(), [Way(board, NOBODY_ELSE)], state, sleep=sleep)
        stand.database.listen(bell.heard)
        yield Office(bell, board, stand.clock, slept)


@pytest.mark.parametrize(
    ("account", "ways"),
    [
        ({}, []),
        ({"robot_key": ROBOT}, [(GroupRobot, ())]),
        ({"notify": "ZhangSan, LiSi"}, [(WecomAppChannel, ("ZhangSan", "LiSi"))]),
        ({"notify": "ZhangSan", "robot_key": ROBOT}, [(WecomAppChannel, ("ZhangSan",)), (GroupRobot, ())]),
    ],
)
def test_the_settings_say_where_staff_are_told(
    clock: MovableClock, account: dict[str, str], ways: list[tuple[type, tuple[str, ...]]]
) -> None:
    corp = {"corp_id": "ww1", "token": "t", "aes_key": AES_KEY, "agent_id": 1, "secret": "s"}
    settings = Settings(wecom=Wecom.model_validate(corp | account))
    parts = Parts(lambda scope: MemoryState(), lambda visitor: None, texts(), clock)
    found = staff_ways(settings, channels(settings, parts), parts)
    assert [(type(way.notices), way.members) for way in found] == ways


@pytest.mark.parametrize(("name", "value"), [("NOTIFY", "ZhangSan"), ("ROBOT_KEY", ROBOT)])
def test_half_a_setting_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"QUANFU_WECOM__{name}", value)
    with pytest.raises(SettingsWrong) as caught:
        load()
    assert value not in str(caught.value)


async def test_new_tickets_are_one_notice_the_gravest_first(office: Office) -> None:
    minor, grave = await office.complain(Level.P4), await office.complain(Level.P1)
    await office.bell.tell()
    [(members, text)] = office.board.told
    assert list(members) == list(NOBODY_ELSE)
    assert text.splitlines() == [
        f"新投诉工单{grave}（特急），请到后台处理。",
        f"新投诉工单{minor}（较低），请到后台处理。",
    ]


async def test_what_happens_while_the_database_is_busy_is_told_when_it_no_longer_is(office: Office) -> None:
    class Busy:
        async def read(self, *_work: object) -> None:
            raise DatabaseBusy("locked")

    number, database = await office.complain(Level.P1), office.bell.database
    office.bell.database = cast(Database, Busy())
    await office.bell.tell()
    office.bell.database = database
    await office.bell.tell()
    [[line]] = office.board.lines
    assert number in line


async def test_what_happens_to_an_old_ticket_is_not_told(office: Office) -> None:
    await office.announce("ticket", "1")
    await office.announce("conversation", "1")
    await office.bell.tell()
    assert office.board.told == []


async def test_a_stopped_channel_is_told_once_an_hour_and_doubts_are_counted(office: Office) -> None:
    for hour in (0, 0, 1):
        office.clock.move(timedelta(hours=hour))
        await office.announce("channel", "wechat:main")
        await office.bell.tell()
    for delivery in ("7", "8"):
        await office.announce("uncertain", delivery)
    await office.bell.tell()
    stopped = "渠道wechat:main已停止发送，请检查设置。"
    assert office.board.lines == [[stopped], [stopped], ["有2条消息发送结果不明，请核实处理。"]]


async def test_many_doubts_are_told_of_every_five_minutes_and_none_is_left_out(office: Office) -> None:
    for delivery in ("7", "8", "9", "9"):
        await office.announce("uncertain", delivery)
        await office.bell.tell()
    assert office.board.lines == [["有1条消息发送结果不明，请核实处理。"]]
    office.clock.move(timedelta(minutes=5))
    await office.bell.tell()
    assert office.board.lines[1:] == [["有2条消息发送结果不明，请核实处理。"]]


async def test_a_broadcast_that_fails_is_told_of_once_an_hour(office: Office) -> None:
    for hour in (0, 0, 1):
        office.clock.move(timedelta(hours=hour))
        await office.announce("broadcast_failing", "12")
        await office.bell.tell()
    assert office.board.lines == [["群发12有较多失败或被平台拒绝，请查看结果。"]] * 2


async def test_answers_to_be_looked_at_again_are_told_of(office: Office) -> None:
    await office.announce("reviews", "3")
    await office.bell.tell()
    assert office.board.lines == [["知识库有3条答案已到复查日期，请核对是否仍然有效。"]]


async def test_too_fast_is_tried_again_and_for_ever_is_not(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.board.refusals = [Throttled(40)]
    await office.complain(Level.P2)
    await office.bell.tell()
    assert (len(office.board.told), office.slept) == (1, [40])
    office.board.refusals = [Throttled(200), Throttled(200)]
    await office.complain(Level.P2)
    await office.bell.tell()
    assert len(office.board.told) == 1
    assert "too many notices" in caplog.text


async def test_who_is_over_the_limit_is_told_later_and_nobody_twice(office: Office) -> None:
    office.bell.ways = [Way(office.board, ("ZhangSan", "LiSi", "WangWu"))]
    office.board.full = {"LiSi": 2, "WangWu": 1}
    await office.complain(Level.P2)
    await office.bell.tell()
    assert [members for members, _ in office.board.told] == [["ZhangSan"], ["WangWu"], ["LiSi"]]
    assert office.slept == [60, 60]


async def test_who_stays_over_the_limit_is_said_in_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.board.full = {"ZhangSan": 99}
    await office.complain(Level.P2)
    await office.bell.tell()
    assert "too many notices to 1 members" in caplog.text


async def test_a_fault_is_a_line_in_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    office.board.refusals, office.board.unknown = [ChannelStopped("93000")], frozenset({"ZhangSan"})
    for expected in ("ChannelStopped(93000)", "1 members are unknown"):
        await office.complain(Level.P3)
        await office.bell.tell()
        assert expected in caplog.text
    assert "ZhangSan" not in caplog.text


async def give_a_manager(branch: Stand, member: str) -> None:
    """C1 has personal service, and WeCom knows the manager."""

    def work(unit: Unit) -> None:
        assigned.say(unit, branch.clients["C1"], True)
        staff.set_wecom(unit, branch.staff[RM], member)

    await branch.database.write(work)


async def test_a_manager_is_told_of_their_clients_and_others_when_the_time_is_over(database_url: str) -> None:
    clock, board = MovableClock(MONDAY), Board()
    with stand(database_url, clock) as branch:
        await give_a_manager(branch, "LiQingYang")
        state = StoredState(branch.database, clock, "bell")
        bell = Bell(branch.database, texts(), [Way(board, NOBODY_ELSE), Way(board)], state, clock=clock)
        branch.database.listen(bell.heard)
        talk = await branch.chat("在吗", "C1")
        await branch.chat("别人的", "C2")
        await bell.tell()
        await branch.hear(talk, "还在吗")
        await bell.tell()
        assert board.told == [(["LiQingYang"], f"您的专属客户来信（会话{talk}），请到后台查看。")]
        waits = await branch.wait("想咨询", "C1")
        await bell.tell()
        said = f"您的专属客户在等人工（会话{waits}）：11月23日10:10前由您优先接待，之后其他同事可接入。"
        assert board.told[1:] == [(["LiQingYang"], said)]
        clock.move(timedelta(minutes=10))
        await branch.database.write(lambda unit: personal_service.lapse(unit, clock.now()))
        await bell.tell()
        assert [(list(members), "新咨询工单" in text) for members, text in board.told[2:]] == [
            (["ZhangSan"], True),
            ([], True),
        ]


async def test_a_manager_whom_wecom_does_not_know_keeps_nothing_from_others(sqlite_url: str) -> None:
    clock, board = MovableClock(MONDAY), Board()
    with stand(sqlite_url, clock) as branch:
        await give_a_manager(branch, "")
        state = StoredState(branch.database, clock, "bell")
        bell = Bell(branch.database, texts(), [Way(board, NOBODY_ELSE)], state, clock=clock)
        branch.database.listen(bell.heard)
        await branch.wait("想咨询", "C1")
        await bell.tell()
        assert [list(members) for members, _ in board.told] == [["ZhangSan"]]
