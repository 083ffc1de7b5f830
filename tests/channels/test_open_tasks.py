"""Tasks of a platform are asked after until what became of them has been stored."""

import asyncio
from contextlib import aclosing
from datetime import datetime

from bot.channels.base import MemoryState
from bot.channels.tencent.open_tasks import News, OpenTasks
from bot.clock import MovableClock
from bot.errors import DatabaseBusy
from bot.messages import StatusReport
from bot.vocabulary import DeliveryState
from tests.channels.waiting import until
from tests.channels.wecom import Guarded

END = [StatusReport(DeliveryState.SENT, "mass:1")]


class Platform:
    """A task that is over; `breaks`: so often what is known of it cannot be told whole."""

    def __init__(self, state: MemoryState, breaks: int = 0) -> None:
        self.tasks = OpenTasks(state, MovableClock(), "mass", 0.0, 0.0)
        self.breaks = breaks

    async def conclude(self, task: str, _since: datetime) -> News:
        """The end, and then perhaps a fault."""
        await self.tasks.drop({task})
        self.breaks -= 1
        if self.breaks >= 0:
            raise DatabaseBusy("locked")
        return END

    async def told(self) -> News:
        """The next news; whoever asked dies before it is stored."""
        async with asyncio.timeout(10), aclosing(self.tasks.rounds(self.conclude)) as rounds:
            return await anext(rounds)


async def test_an_end_that_nobody_stored_is_told_again() -> None:
    state = MemoryState()
    first = Platform(state)
    await first.tasks.add("1")
    assert [await first.told(), await first.told(), await Platform(state).told()] == [END] * 3


async def test_who_lost_the_lease_in_a_long_round_asks_no_further() -> None:
    state = Guarded()
    tasks, asked = OpenTasks(state, MovableClock(), "mass", 0.0, 0.0), list[str]()

    async def slow(task: str, _since: datetime) -> News:
        asked.append(task)
        state.held = True  # it ran out meanwhile, and another process has it
        return ()

    async def take() -> None:
        async for _ in tasks.rounds(slow):
            pass

    for task in ("1", "2"):
        await tasks.add(task)
    taking = asyncio.create_task(take())
    await until(lambda: state.refused >= 2)
    taking.cancel()
    assert asked == ["1"]


async def test_an_end_that_could_not_be_told_whole_is_asked_after_again() -> None:
    platform = Platform(MemoryState(), breaks=2)
    await platform.tasks.add("1")
    assert await platform.told() == END
