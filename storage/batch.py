"""Writes that come at the same time share a transaction: a commit and its statements cost as much as many rows."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.errors import DatabaseBusy
from storage.unit import Database, Unit

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 64
"""Items in one transaction: it may run on the event loop, which waits meanwhile."""

QUIET_ROUNDS = 3
"""Rounds of the event loop in which nothing more comes; a request takes so many to be accepted and read."""

GATHERING = 0.005
"""Seconds after which a batch waits no longer for others."""

PATIENCE = 5.0
"""Seconds that a transaction may wait for its turn; an item may wait for one before its own."""


@dataclass(eq=False)
class _Wish(Generic[Item, Result]):
    """An item and where its result goes."""

    item: Item
    result: "asyncio.Future[Result]"


@dataclass
class Batch(Generic[Item, Result]):
    """Gathers items and writes them set-wise: `work` gives one result for each, in order.

    Where it raises, nothing of the transaction stands and each item is written alone, so that its own caller hears.
    `told` hears of each item that was written as soon as this process knows, before its caller does.
    """

    database: Database
    work: Callable[[Unit, Sequence[Item]], Sequence[Result]]
    told: Callable[[Item, Result], None] = lambda _item, _result: None
    _wishes: "list[_Wish[Item, Result]]" = field(default_factory=list)
    _writer: "asyncio.Task[None] | None" = None

    async def write(self, item: Item) -> Result:
        """Write one with whatever comes along; DatabaseBusy, and nothing written, if it is not its turn in time."""
        wish = _Wish[Item, Result](item, asyncio.get_running_loop().create_future())
        self._wishes.append(wish)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._run())
        return await wish.result

    async def _run(self) -> None:
        while self._wishes:
            await self._gathered()
            taken, self._wishes = self._wishes[:MOST], self._wishes[MOST:]
            await self._written([wish for wish in taken if not wish.result.done()])

    async def _gathered(self) -> None:
        """Let those come along who are on their way: a round costs far less than a transaction.

        Not where rounds are long: a loop that sends a broadcast meanwhile takes milliseconds for each.
        """
        quiet, time = 0, asyncio.get_running_loop().time
        until = time() + GATHERING
        while quiet < QUIET_ROUNDS and (came := len(self._wishes)) < MOST and time() < until:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._wishes) == came else 0

    async def _written(self, wishes: "Sequence[_Wish[Item, Result]]") -> None:
        items = [wish.item for wish in wishes]
        try:
            results = await self.database.write(lambda unit: self.work(unit, items), PATIENCE, brief=True)
        except DatabaseBusy as error:
            _fail(wishes, error)
        except Exception as error:  # whatever it is, it belongs to the callers
            if len(wishes) == 1:
                _fail(wishes, error)
                return
            for wish in wishes:
                await self._written([wish])
        else:
            for wish, result in zip(wishes, results, strict=True):
                self.told(wish.item, result)
                if not wish.result.done():
                    wish.result.set_result(result)


def _fail(wishes: "Sequence[_Wish[Item, Result]]", error: Exception) -> None:
    for wish in wishes:
        if not wish.result.done():
            wish.result.set_exception(error)
