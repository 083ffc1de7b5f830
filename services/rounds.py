"""Work that is looked for at a hint, and now and then without one: the rows are the record, a hint spares the wait."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.errors import DatabaseBusy, places

log = logging.getLogger(__name__)

LOOK = 5.0
"""Seconds between two looks without a hint."""


async def go_round(name: str, work: Callable[[], Awaitable[object]], woken: asyncio.Event) -> None:
    """Work for ever: as long as `work` finds something, then once `woken` is set or the time has come."""
    while True:
        woken.clear()
        try:
            while await work():
                pass
        except DatabaseBusy as error:
            log.warning("%s: put off: %s", name, error)
        except Exception as error:  # outer loop: the next look tries again
            log.error("%s: %s", name, places(error))
        try:
            async with asyncio.timeout(LOOK):
                await woken.wait()
        except TimeoutError:
            continue
