"""The worker: woken by hints, helped by sweeps, and quickly stopped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from bot import queue
from bot.vocabulary import DeliveryState
from services.delivery import pump
from services.delivery.worker import Worker
from storage.unit import Signal
from tests.services.delivery.office import Office
from tests.services.delivery.wishes import broadcast, notice, reply


@asynccontextmanager
async def working(office: Office) -> AsyncIterator[Worker]:
    """A running worker, stopped at the end within the five seconds it is given."""
    hints = queue.in_memory()
    worker = Worker(office.pump, hints, alone=True)

    def pass_on(heard: Sequence[Signal]) -> None:
        for signal in heard:
            hints.put(f"{signal.topic}:{signal.key}")

    office.database.listen(pass_on)
    running = asyncio.create_task(worker.run())
    yield worker
    async with asyncio.timeout(5):
        await worker.stop()
        await running


async def until_sent(office: Office, number: int) -> None:
    """Wait until so many messages have gone out."""
    async with asyncio.timeout(20):
        while len(office.ledger().sent) < number:
            office.ledger().called.clear()
            await office.ledger().called.wait()
            await asyncio.sleep(0)


async def test_a_hint_sends_at_once_and_a_sweep_finds_what_no_hint_told_of(office: Office) -> None:
    (client,) = await office.clients()
    await office.submit(notice(client, "before"))
    async with working(office):
        await until_sent(office, 1)
        await office.submit(notice(client, "after"))
        await until_sent(office, 2)
    assert [row.state for row in await office.rows()] == [DeliveryState.SENT] * 2


async def test_sending_does_not_wait_for_what_a_slow_platform_takes_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = asyncio.Event()
    monkeypatch.setattr(pump.Pump, "withdrawals", SimpleNamespace(work=over.wait))
    (client,) = await office.clients()
    await office.submit(notice(client))
    async with working(office):
        await until_sent(office, 1)
        over.set()


async def test_hints_of_other_work_wake_that_and_nothing_else(office: Office) -> None:
    hints, called = queue.in_memory(), asyncio.Event()
    worker = Worker(office.pump, hints, alone=True, others={"media": called.set})
    running = asyncio.create_task(worker.run())
    hints.put("media:7")
    async with asyncio.timeout(10):
        await called.wait()
    await worker.stop()
    await running


async def test_a_reply_does_not_wait_for_a_slow_broadcast(office: Office) -> None:
    await office.clients(2)
    await office.submit_many(broadcast())
    office.ledger().gate = shut = asyncio.Event()
    async with working(office):
        await office.ledger().called.wait()
        office.ledger().gate = None
        await office.submit(reply(1))
        await until_sent(office, 1)
        assert [sent.text for sent in office.ledger().sent] == ["\u60a8\u597d"]
        shut.set()


async def test_stopping_in_mid_air_leaves_doubt_and_no_hurry(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "GRACE", 0.1)
    (client,) = await office.clients()
    await office.submit(notice(client))
    office.ledger().gate = asyncio.Event()
    async with working(office):
        await office.ledger().called.wait()
    row = await office.row()
    assert (row.state, row.rule) == (DeliveryState.UNCERTAIN, "interrupted")


class Silent:
    """Hints that nobody gives, and that are closed at once."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def consume(self, handler: Callable[[str], Awaitable[None]]) -> None:
        """Nothing comes."""
        await self.closed.wait()

    async def close(self) -> None:
        """There is nothing to put away."""
        self.closed.set()


async def test_what_is_in_flight_at_the_end_has_its_time_and_is_recorded(office: Office) -> None:
    (client,) = await office.clients()
    await office.submit(notice(client))
    office.ledger().gate = landed = asyncio.Event()
    worker = Worker(office.pump, Silent(), alone=True)
    running = asyncio.create_task(worker.run())
    await office.ledger().called.wait()
    stopping = asyncio.create_task(worker.stop())
    await office.pump.stopping.wait()
    assert not stopping.done()
    landed.set()
    await stopping
    running.cancel()  # as the service does with every part that is left
    await asyncio.wait({running})
    assert (await office.row()).state is DeliveryState.SENT


async def test_a_worker_that_never_ran_stops_at_once(office: Office) -> None:
    async with asyncio.timeout(5):
        await Worker(office.pump, Silent(), alone=True).stop()
