"""Messages a second to the Telegram double, flood control off: our channel beside bare python-telegram-bot.

`python -m benchmarks.telegram_sending [MESSAGES]` prints one JSON line. The double runs in a process of its own;
`ceiling` is what a bare aiohttp client gets out of it on the same machine.
"""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import perf_counter

from aiohttp import ClientSession
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.channels.base import MemoryState
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.messages import Outgoing
from bot.vocabulary import Addressee, ChannelKind
from tests.doubles.telegram import TOKEN

MESSAGES = 4000
WARMING = 200
IN_FLIGHT = 100
CHATS = 500
TEXT = "Trading begins at 9:30. Markets carry risk; invest with care."
Send = Callable[[int], Awaitable[object]]


def free_port() -> int:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def served_double() -> AsyncIterator[str]:
    """The root of a double in another process, any chat open."""
    ports = [f"--telegram-port={free_port()}", f"--wechat-port={free_port()}"]
    command = [sys.executable, "-m", "tests.doubles", "--open-door", "--no-rates", *ports]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    line = ""
    while not line.startswith("QUANFU_TELEGRAM__API_ROOT="):
        line = (await process.stdout.readline()).decode().strip()
        assert line, "the double did not start"
    try:
        yield line.partition("=")[2]
    finally:
        process.terminate()
        await process.communicate()


async def rate(send: Send, messages: int) -> int:
    """Messages a second, so many in flight, after a short run that opens the connections."""
    await _flood(send, WARMING)
    started = perf_counter()
    await _flood(send, messages)
    return round(messages / (perf_counter() - started))


async def _flood(send: Send, messages: int) -> None:
    numbers = iter(range(messages))

    async def lane() -> None:
        for number in numbers:
            await send(number)

    await asyncio.gather(*(lane() for _ in range(IN_FLIGHT)))


async def ours(root: str, messages: int) -> int:
    """Through `TelegramChannel.send`."""
    channel = TelegramChannel(TelegramAccount(TOKEN, api_root=root), MemoryState())

    async def send(number: int) -> None:
        to = Addressee(ChannelKind.TELEGRAM, "main", str(1000 + number % CHATS))
        await channel.send(Outgoing(number, to, TEXT, idempotency_key=f"delivery:{number}"))

    result = await rate(send, messages)
    await channel.close()
    return result


async def library(root: str, messages: int, connections: int) -> int:
    """Through a bare `telegram.Bot` with its own httpx request class."""
    request = HTTPXRequest(connection_pool_size=connections, pool_timeout=60)
    async with Bot(TOKEN, f"{root}/bot", request=request, get_updates_request=request) as bot:
        return await rate(lambda number: bot.send_message(1000 + number % CHATS, TEXT), messages)


async def ceiling(root: str, messages: int) -> int:
    """Bare aiohttp posting the same form."""
    url = f"{root}/bot{TOKEN}/sendMessage"
    async with ClientSession() as session:

        async def send(number: int) -> None:
            async with session.post(url, data={"chat_id": str(1000 + number % CHATS), "text": TEXT}) as answer:
                assert answer.status == 200
                await answer.read()

        return await rate(send, messages)


async def measure(messages: int) -> dict[str, int]:
    """All of them against one double, one after the other; few connections suit httpx better than many."""
    async with served_double() as root:
        return {
            "messages": messages,
            "in_flight": IN_FLIGHT,
            "telegram_channel_per_second": await ours(root, messages),
            "python_telegram_bot_5_connections_per_second": await library(root, messages, 5),
            "python_telegram_bot_100_connections_per_second": await library(root, messages, IN_FLIGHT),
            "ceiling_per_second": await ceiling(root, messages),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES))))
