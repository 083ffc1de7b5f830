"""Hints that there is work, over PgQueuer: in memory beside SQLite, in the database with PostgreSQL.

The database is the record; a hint only spares the next sweep's wait. Losing hints loses nothing, and handling one
twice is harmless.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from pgqueuer import PgQueuer, Queries
from pgqueuer.adapters.inmemory import InMemoryDriver, InMemoryQueries
from pgqueuer.models import Job

log = logging.getLogger(__name__)

HINT = "hint"
"""The one entry point: what a hint is about stands in its payload."""
BATCH = 50
PATIENCE = 3.0
"""Seconds that sender and consumer get to end."""
LOGGED = 5000
"""Hints handled between two clearings of PgQueuer's log, which otherwise grows for ever, in memory too."""

Handler = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Line:
    """PgQueuer with the connections that are its own, and how to close them."""

    engine: PgQueuer
    queries: Queries | InMemoryQueries
    close: Callable[[], Awaitable[None]]


OpenLine = Callable[[bool], Awaitable[Line]]
"""Opens a line; True for one that listens."""


class Queue:
    """Takes hints and hands each to one consumer of one process; opens its lines when they are needed.

    `gone`: what a line raises, beside OSError, when its database went away.
    """

    def __init__(self, open_line: OpenLine, gone: type[Exception] = OSError) -> None:
        self._open = open_line
        self._gone = gone
        self._out: Line | None = None
        self._waiting: dict[str, None] = {}
        self._sender: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._consumer: asyncio.Task[None] | None = None

    def put(self, hint: str) -> None:
        """Pass a hint on soon, together with others; never waits, never fails."""
        self._waiting[hint] = None
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())

    async def flushed(self) -> None:
        """Wait until everything put so far has been passed on, or lost."""
        if self._sender is not None:
            await self._sender

    async def _send(self) -> None:
        while self._waiting:
            hints, self._waiting = list(self._waiting), {}
            payloads: list[bytes | None] = [hint.encode() for hint in hints]
            try:
                self._out = self._out or await self._open(False)
                await self._out.queries.enqueue([HINT] * len(hints), payloads, [0] * len(hints))
            except (self._gone, OSError) as error:
                log.warning("%d hints lost (%s); the sweep makes up for it", len(hints), type(error).__name__)
                self._out = None

    async def consume(self, handler: Handler) -> None:
        """Hand hints to `handler` until the queue is closed; raises `gone` where the database went away."""
        line = await self._open(True)
        handled = count(1)

        async def handle(job: Job) -> None:
            await handler((job.payload or b"").decode())
            if next(handled) % LOGGED == 0:
                await line.queries.clear_queue_log(HINT)

        line.engine.entrypoint(HINT)(handle)
        # What PgQueuer counts of its jobs is folded into tables of its own unless it is told not to.
        run = line.engine.qm.run(timedelta(seconds=10), BATCH, log_aggregation_interval=timedelta(0))
        self._consumer = asyncio.create_task(run)
        stop = asyncio.create_task(self._closing.wait())
        await asyncio.wait({self._consumer, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        line.engine.shutdown.set()
        try:
            await self._consumer
        finally:
            await line.close()

    async def close(self) -> None:
        """Stop consuming and pass on what is still to be passed on, as far as a database out of reach lets us."""
        self._closing.set()
        flushing = asyncio.create_task(self.flushed())
        await asyncio.wait({flushing, self._consumer} if self._consumer else {flushing}, timeout=PATIENCE)
        flushing.cancel()
        if self._out is not None:
            await self._out.close()


def in_memory() -> Queue:
    """A queue within this process."""
    queries = InMemoryQueries(InMemoryDriver())
    engine = PgQueuer(queries.driver, queries=queries)

    async def nothing() -> None:
        """There is no connection."""

    async def open_line(_listening: bool) -> Line:
        return Line(engine, queries, nothing)

    return Queue(open_line)
