"""Waiting for what another task or the server of a double does."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], patience: float = 10.0) -> None:
    """Return as soon as it holds; TimeoutError after `patience` real seconds."""
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110 (what is waited for is state of a library or a log, which rings no bell)
            await asyncio.sleep(0.005)
