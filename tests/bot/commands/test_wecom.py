"""Staff see whom a broadcast waits for, remind them, and give a chat of the desk to its members."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from bot import settings
from bot.app import open_database
from bot.app.channels import wecom_contacts
from bot.clock import SystemClock
from bot.commands import wecom
from bot.errors import QuanfuError, Throttled
from bot.messages import Outgoing
from bot.vocabulary import Addressee, ChannelKind, DeliveryState, Level, Owner, Purpose, Role
from services.identity import Identity, Order
from services.rules import Rules
from services.tickets import Matter, Tickets
from storage.models import AuditRow, BroadcastRow, ConversationRow, DeliveryRow
from storage.repositories import accounts, conversations
from storage.repositories import staff as staff_rows
from storage.repositories.clients import NewClient, enrol
from storage.repositories.staff import NewStaff
from storage.unit import Database, Unit
from tests.bot.commands.conftest import PASSWORD, known_hash
from tests.doubles.__main__ import wecom_settings
from tests.doubles.server import running
from tests.doubles.wecom import OPEN_KFID, WecomDouble
from tests.handlers.rig import hours

CLIENT = "wmClient1"
AWAITING = {"purpose": Purpose.BROADCAST, "priority": 5, "state": DeliveryState.AWAITING_STAFF, "text_key": "x"}
PLACE = {"channel": "wecom", "account": "main-contacts"}


@dataclass
class Stage:
    """A corp, and the database of a branch whose settings name it."""

    double: WecomDouble
    database: Database
    now = SystemClock().now()

    async def run(self, *words: str) -> str:
        """What a command prints; its refusal is raised."""
        invoked = partial(CliRunner().invoke, wecom.app, list(words), catch_exceptions=False)
        return (await asyncio.to_thread(invoked)).output

    async def broadcast(self, *clients: tuple[str, str]) -> None:
        """Broadcast 1 waits for the advisers of these clients."""
        for client, adviser in clients:
            self.double.contacts.add(client, adviser)
        channel = wecom_contacts(settings.load(), self.database, SystemClock(), "main-contacts")
        wanted = Outgoing(1, Addressee(ChannelKind.WECOM, "main-contacts", ""), "早")
        names = (await channel.send_group(wanted, [client for client, _ in clients])).by_address
        await channel.close()
        await self.database.write(lambda unit: self._fill(unit, [*names.values()]))

    def _fill(self, unit: Unit, names: list[str]) -> None:
        row = {"id": 1, "name": "b", "purpose": Purpose.BROADCAST, "state": "sending", "body": {}, "content_hash": ""}
        unit.session.execute(insert(BroadcastRow).values(**row, condition={}, author_id=1, created_at=self.now))
        times = {"created_at": self.now, "not_before": self.now, "broadcast_id": 1}
        rows = [{**AWAITING, **PLACE, **times, "key": name, "platform_message_id": name} for name in names]
        unit.session.execute(insert(DeliveryRow), rows)

    async def ticket(self, channel: ChannelKind, address: str, **owner: object) -> str:
        """An inquiry of a chat; its number."""
        return await self.database.write(lambda unit: self._ticket(unit, Addressee(channel, "main", address), owner))

    def _ticket(self, unit: Unit, chat: Addressee, owner: dict[str, object]) -> str:
        accounts.meet(unit, chat, None, self.now)
        found = conversations.by_id(unit, 1)
        assert found is not None
        unit.session.execute(update(ConversationRow).values(**owner))
        return Tickets(hours).inquire(unit, Matter("佣金", Level.P3, found.id, None, self.now)).number


@pytest_asyncio.fixture
async def stage(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with running(WecomDouble()) as double:
        for line in wecom_settings(double):
            monkeypatch.setenv(*line.split("=", 1))
        monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
        monkeypatch.setenv("QUANFU_PASSWORD", PASSWORD)
        database = open_database(settings.load())
        made = Stage(double, database)
        for number, role in (("s5", Role.SERVICE), ("s7", Role.VISITOR)):
            new = NewStaff(number, "He", [role], known_hash(), must_change=False)
            await database.write(lambda unit, new=new: staff_rows.add(unit, new, made.now))  # type: ignore[misc]
        yield made
        database.close()


async def test_who_has_to_confirm_is_listed_and_reminded_three_times_a_day(stage: Stage) -> None:
    await stage.broadcast(("a", "ZhangSan"), ("b", "ZhangSan"), ("c", "LiSi"))
    [(msgid, task)] = stage.double.contacts.tasks.items()
    stage.double.contacts.confirm(msgid, "LiSi")
    lines = (await stage.run("tasks", "1", "--as", "s5")).splitlines()
    assert [line.split() for line in lines[1:]] == [["LiSi", "1", "0"], ["ZhangSan", "2", "2"]]
    for _ in range(3):
        await stage.run("remind", "1", "--as", "s5")
    with pytest.raises(Throttled):
        await stage.run("remind", "1", "--as", "s5")
    assert len(task.reminders) == 3


async def test_a_broadcast_that_waits_for_nobody_says_so(stage: Stage) -> None:
    await stage.broadcast(("a", "ZhangSan"))
    done = update(DeliveryRow).values(state=DeliveryState.DELIVERED)
    await stage.database.write(lambda unit: unit.session.execute(done))
    assert "1" in await stage.run("tasks", "1", "--as", "s5")
    assert stage.double.ledger.called("externalcontact/get_groupmsg_task") == []
    with pytest.raises(QuanfuError):
        await stage.run("remind", "2", "--as", "s5")


async def test_a_chat_goes_to_the_member_named_once_it_was_taken(stage: Stage) -> None:
    stage.double.desk.wrote(CLIENT, {"msgtype": "text", "text": {"content": "你好"}})
    number = await stage.ticket(ChannelKind.WECOM, f"{OPEN_KFID}:{CLIENT}", owner=Owner.WAITING)
    with pytest.raises(QuanfuError, match=number):
        await stage.run("hand-over", number, "--as", "s5", "--member", "LiSi")
    taken = update(ConversationRow).values(owner=Owner.STAFF, staff_id=1)
    await stage.database.write(lambda unit: unit.session.execute(taken))
    with pytest.raises(QuanfuError):
        await stage.run("hand-over", number, "--as", "s7")
    assert number in await stage.run("hand-over", number, "--as", "s5", "--member", "LiSi")
    session = stage.double.desk.session(CLIENT)
    assert (session.state, session.servicer) == (3, "LiSi")


@pytest.mark.parametrize(
    ("state", "told"), [(0, "尚未分配"), (1, "智能助手"), (2, "待接入池"), (3, "接待人员接待"), (4, "已结束")]
)
async def test_who_has_a_chat_is_told(stage: Stage, state: int, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    stage.double.desk.wrote(CLIENT, {"msgtype": "text", "text": {"content": "你好"}})
    stage.double.desk.session(CLIENT).state = state
    number = await stage.ticket(ChannelKind.WECOM, f"{OPEN_KFID}:{CLIENT}", owner=Owner.WAITING)
    assert told in await stage.run("session", number, "--as", "s5")


@pytest.mark.parametrize(("channel", "address"), [("telegram", "7"), ("wecom", "ZhangSan")])
async def test_only_a_chat_at_a_desk_can_be_handed_over(stage: Stage, channel: str, address: str) -> None:
    number = await stage.ticket(ChannelKind(channel), address, owner=Owner.STAFF, staff_id=1)
    for wanted in (number, "Q20261123-9999"):
        with pytest.raises(QuanfuError, match=wanted):
            await stage.run("hand-over", wanted, "--as", "s5")
    assert stage.double.ledger.calls == []


async def test_a_code_that_brings_a_bind_code_is_made(stage: Stage) -> None:
    new = NewClient("C1", "王晓岚", "", "10000000101", "110101199006150011")
    client = (await stage.database.write(lambda unit: enrol(unit, [new], stage.now)))["C1"]
    order = Order(client, None, (), stage.now)
    code = await stage.database.write(lambda unit: Identity(Rules()).issue(unit, order))
    shown = f"{code[:4]}-{code[4:]}".lower()
    told = await stage.run("qr", shown, "--member", "ZhangSan", "--as", "s5")
    made = {"way1": ("ZhangSan", code)}
    assert ("https://wework.qpic.cn/way1" in told, stage.double.contacts.ways) == (True, made)
    for wrong, by in (("salon_2026_12", "s5"), ("ABCD2345", "s5"), (code, "s7")):
        with pytest.raises(QuanfuError):
            await stage.run("qr", wrong, "--member", "ZhangSan", "--as", by)
    assert stage.double.contacts.ways == made
    deeds = select(AuditRow.object, AuditRow.staff_id).where(AuditRow.action == "bind_code.depict")
    assert await stage.database.read(lambda unit: unit.session.execute(deeds).all()) == [(f"client:{client}", 1)]
