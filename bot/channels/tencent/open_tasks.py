"""Tasks that a platform works off in its own time: noted when it takes them, asked after until they are over."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence, Set
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

from bot.channels.base import ChannelState
from bot.channels.tencent.notes import Note, SharedNote
from bot.clock import Clock
from bot.errors import SendError, StorageError, TryLater
from bot.messages import Event, StatusReport

log = logging.getLogger(__name__)

_LEASE = "results"

News = Sequence[StatusReport | Event]
Conclude = Callable[[str, datetime], Awaitable[News]]
"""What is known of a task that was taken at an instant; may raise SendError and StorageError."""


class OpenTasks:
    """The tasks of one account, kept under `key` for all processes; `every` so many seconds one of them asks.

    A process that may not ask looks after `look` seconds whether it may by now.
    """

    def __init__(self, state: ChannelState, clock: Clock, key: str, every: float, look: float) -> None:
        self._state = state
        self._clock = clock
        self._note = SharedNote(state, key)
        self._every = every
        self._look = min(every, look)
        self._holder = uuid4().hex
        self._asked_after: str | None = None
        self._over: set[str] = set()

    async def add(self, task: str) -> None:
        """Without this note nobody asks for the results: they are missing, and the log says so."""
        since = int(self._clock.now().timestamp())
        try:
            await self._note.change(lambda note: note.update({task: {"since": since}}))
        except (StorageError, TryLater):
            log.error("a task was taken and could not be noted; its results may be missing")

    async def drop(self, tasks: Set[str]) -> None:
        """These are over; raises StorageError or TryLater, and then they are asked after once more.

        The one that a round asks after just now is dropped when its news has been taken: who dies before that leaves
        it to the next round.
        """
        self._over |= tasks & {self._asked_after}
        await self._strike_off(tasks - {self._asked_after})

    async def _strike_off(self, tasks: Set[str]) -> None:
        if not tasks or not tasks & (await self._note.read()).keys():
            return

        def without(note: Note) -> None:
            for task in tasks:
                note.pop(task, None)

        await self._note.change(without)

    async def rounds(self, conclude: Conclude) -> AsyncGenerator[News, None]:
        """Reports of the open tasks, round after round, from the process that holds the lease.

        They have been taken when the consumer comes back for the next ones.
        """
        self._over.clear()
        try:
            while True:
                leads = await self._leads()
                for task, since in await self._open() if leads else ():
                    if not await self._leads():  # a round of slow pages, and another process has begun its own
                        break
                    if reports := await self._concluded(conclude, task, since):
                        yield reports
                    await self._taken()
                await asyncio.sleep(self._every if leads else self._look)
        finally:
            with suppress(StorageError):  # then the lease runs out by itself
                await self._state.release(_LEASE, self._holder)

    async def _leads(self) -> bool:
        """The lease is for as long as a round takes, from each task on: when its holder is killed, the next round is
        hardly late."""
        try:
            return await self._state.lease(_LEASE, self._holder, timedelta(seconds=self._every))
        except StorageError as error:
            log.warning("no results (%s)", type(error).__name__)
            return False

    async def _open(self) -> Sequence[tuple[str, datetime]]:
        try:
            note = await self._note.read()
        except StorageError as error:
            log.warning("no results (%s)", type(error).__name__)
            return ()
        zone = self._clock.now().tzinfo
        return [(task, datetime.fromtimestamp(kept["since"], zone)) for task, kept in note.items()]

    async def _concluded(self, conclude: Conclude, task: str, since: datetime) -> News:
        """Nothing where a fault came between; the next round asks again."""
        self._asked_after = task
        try:
            return await conclude(task, since)
        except (SendError, StorageError) as error:
            log.warning("no results of a task (%s)", type(error).__name__)
            self._over.discard(task)
            return ()
        finally:
            self._asked_after = None

    async def _taken(self) -> None:
        """What was told of the tasks that are over has been stored."""
        tasks, self._over = self._over, set()
        try:
            await self._strike_off(tasks)
        except (StorageError, TryLater) as error:
            log.warning("a task that is over is asked after once more (%s)", type(error).__name__)
