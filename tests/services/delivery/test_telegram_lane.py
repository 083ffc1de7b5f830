"""A broadcast over Telegram, against its flood control: slowed down as told, everybody once, nobody skipped."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import pytest_asyncio
from sqlalchemy import update

from bot.channels.base import MemoryState
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.vocabulary import ChannelKind, DeliveryState
from storage.models import ChatAccountRow
from tests.channels.kit_telegram import PATIENCE
from tests.doubles.faults import Fault, bot_refusal, flood
from tests.doubles.server import running
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.services.delivery.office import NOON, Office, opened
from tests.services.delivery.wishes import broadcast, reply

TELEGRAM = ChannelKind.TELEGRAM
SEND = "sendMessage"


@dataclass
class Stage:
    """An office that writes to the double; chats are numbered as their clients are."""

    office: Office
    double: TelegramDouble

    async def clients(self, count: int) -> list[int]:
        """Clients who pressed Start."""
        ids = await self.office.clients(count, kind=TELEGRAM)
        for client in ids:
            chat = update(ChatAccountRow).where(ChatAccountRow.client_id == client).values(address=str(client))
            await self.office.database.write(lambda unit, chat=chat: unit.session.execute(chat))  # type: ignore[misc]
        self.double.state.open_door = True
        return ids

    async def everything_out(self) -> None:
        """Work until nothing is pending any more; whenever the lane rests, time passes."""
        for _ in range(40):
            await self.office.drain(TELEGRAM)
            if all(row.state is not DeliveryState.PENDING for row in await self.office.rows()):
                return
            self.office.clock.move(timedelta(seconds=1))


@pytest_asyncio.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    channel = TelegramChannel(TelegramAccount(TOKEN), MemoryState())
    with opened(database_url, {(TELEGRAM, "main"): channel.capabilities}) as office:
        async with running(TelegramDouble(office.clock)) as double:
            told = TelegramAccount(TOKEN, api_root=double.root, patience=PATIENCE)
            channel = TelegramChannel(told, MemoryState())
            office.pump.channels = {(TELEGRAM, "main"): channel}
            yield Stage(office, double)
            await channel.close()


async def test_everybody_gets_it_once_at_the_platforms_pace(stage: Stage) -> None:
    clients = await stage.clients(70)
    await stage.office.submit_many(broadcast())
    await stage.everything_out()
    assert [len(stage.double.ledger.of(client)) for client in clients] == [1] * 70
    assert len(stage.double.ledger.called(SEND)) == 70
    assert stage.office.clock.now() >= NOON + timedelta(seconds=2)


async def test_a_flood_warning_slows_the_lane_and_skips_nobody(stage: Stage) -> None:
    clients = await stage.clients(40)
    stage.double.faults.add(Fault(flood(7), SEND, times=3, skip=10))
    await stage.office.submit_many(broadcast())
    await stage.office.drain(TELEGRAM)
    told = len(stage.double.ledger.called(SEND))
    stage.office.clock.move(timedelta(seconds=4))
    await stage.office.drain(TELEGRAM)
    assert len(stage.double.ledger.called(SEND)) == told < 40
    await stage.everything_out()
    assert [len(stage.double.ledger.of(client)) for client in clients] == [1] * 40
    assert {(row.state, row.attempts) for row in await stage.office.rows()} == {(DeliveryState.SENT, 1)}


async def test_one_chat_gets_one_message_a_second_in_order(stage: Stage) -> None:
    (client,) = await stage.clients(1)
    for number in range(5):
        body = {"body": str(number), "footer": ""}
        await stage.office.submit(reply(1, f"r{number}", parameters=body))
    await stage.everything_out()
    entries = stage.double.ledger.of(client)
    assert [entry.text for entry in entries] == ["0", "1", "2", "3", "4"]
    assert all(later.at - earlier.at >= timedelta(seconds=1) for earlier, later in pairwise(entries))


async def test_a_chat_that_moved_gets_the_message_at_its_new_address(stage: Stage) -> None:
    (client,) = await stage.clients(1)
    moved = bot_refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=777)
    stage.double.faults.add(Fault(moved, SEND))
    for key in ("first", "second"):
        await stage.office.submit(reply(1, key))
    await stage.everything_out()
    assert [len(stage.double.ledger.of(chat)) for chat in (client, 777)] == [0, 2]
    chat = await stage.office.database.read(lambda unit: unit.session.get_one(ChatAccountRow, 1))
    assert chat.address == "777"
