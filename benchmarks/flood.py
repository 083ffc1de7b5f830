"""Messages a second at a double: so many in flight, after a short run that opens the connections."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

WARMING = 200
IN_FLIGHT = 100
Send = Callable[[int], Awaitable[object]]


async def rate(send: Send, messages: int, in_flight: int = IN_FLIGHT) -> int:
    """Messages a second; `send` gets the number of the message, and no number twice."""
    await _flood(send, range(messages, messages + WARMING), in_flight)
    started = perf_counter()
    await _flood(send, range(messages), in_flight)
    return round(messages / (perf_counter() - started))


async def _flood(send: Send, numbers: range, in_flight: int) -> None:
    waiting = iter(numbers)

    async def lane() -> None:
        for number in waiting:
            await send(number)

    await asyncio.gather(*(lane() for _ in range(in_flight)))
