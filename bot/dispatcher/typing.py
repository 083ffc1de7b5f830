"""Shows the client that an answer is being written, where thinking takes a while."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.vocabulary import Addressee

Show = Callable[[Addressee], Awaitable[None]]
"""Shows it in a chat for some seconds; where a platform cannot or does not want to, nothing happens."""


async def unseen(_to: Addressee) -> None:
    """For who has nobody to show it to."""


@dataclass
class Typing:
    """`soon`: seconds of thinking before it is shown; `again`: until it is renewed, as Telegram lets it end after 5."""

    show: Show
    soon: float = 1.0
    again: float = 4.5
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    @contextmanager
    def shown(self, to: Addressee) -> Iterator[None]:
        """Show it from `soon` on until the end of this block. A call under way is not broken off."""
        over = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(self.soon, self._begin, to, over)
        try:
            yield
        finally:
            timer.cancel()
            over.set()

    def _begin(self, to: Addressee, over: asyncio.Event) -> None:
        task = asyncio.create_task(self._repeat(to, over))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _repeat(self, to: Addressee, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.show(to)
            try:
                async with asyncio.timeout(self.again):
                    await over.wait()
            except TimeoutError:
                continue
