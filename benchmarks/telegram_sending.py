"""Messages a second to a Telegram that answers at once: the whole way out beside bare python-telegram-bot and aiogram.

`python -m benchmarks.telegram_sending [MESSAGES]` prints one JSON line. Who answers runs in a process of its own;
`ceiling` is what a bare aiohttp client gets out of it on the same machine.
"""

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import ClientSession
from telegram import Bot
from telegram.request import HTTPXRequest

from benchmarks.answering import Platforms, platforms
from benchmarks.flood import IN_FLIGHT, WARMING, rate
from benchmarks.servers import ROOT
from benchmarks.whole_way import Sent, sent
from bot.channels.base import MemoryState
from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.messages import Outgoing
from bot.vocabulary import Addressee, ChannelKind
from tests.doubles.telegram import TOKEN

MESSAGES = 4000
CHATS = 500
PAID = 1000
"""Messages a second that Telegram takes by paid broadcast."""
UNLIMITED = 100_000
"""More than can be sent: what the way out could do."""
TEXT = "Trading begins at 9:30. Markets carry risk; invest with care."
AIOGRAM = Path(sys.prefix) / "aiogram" / "bin" / "python"
"""Made by `make bench`; aiogram asks for another pydantic than ours."""


async def ours(root: str, messages: int) -> int:
    """Through `TelegramChannel.send`."""
    channel = TelegramChannel(TelegramAccount(TOKEN, api_root=root), MemoryState())

    async def send(number: int) -> None:
        to = Addressee(ChannelKind.TELEGRAM, "main", str(1000 + number % CHATS))
        await channel.send(Outgoing(number, to, TEXT, idempotency_key=f"delivery:{number}"))

    result = await rate(send, messages)
    await channel.close()
    return result


async def whole_way(to: Platforms, messages: int, limit: int) -> Sent:
    """The same through gate, rendering, permits, claim and record; each chat gets one message."""
    channel = TelegramChannel(TelegramAccount(TOKEN, api_root=to.root, paid_rate=limit), MemoryState())
    result = await sent(channel, messages, to)
    await channel.close()
    return result


async def aiogram(root: str, messages: int) -> int:
    """Through a bare `aiogram.Bot`, in its own environment."""
    told = [root, TOKEN, str(messages), str(IN_FLIGHT), str(WARMING)]
    script = ROOT / "benchmarks" / "peers" / "aiogram_sending.py"
    process = await asyncio.create_subprocess_exec(AIOGRAM, script, *told, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0
    return int(output)


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


async def measure(messages: int) -> dict[str, float]:
    """All of them against the same answers, one after the other; few connections suit httpx better than many."""
    async with platforms() as to:
        root = to.root
        free = await whole_way(to, messages, UNLIMITED)
        return {
            "messages": messages,
            "in_flight": IN_FLIGHT,
            "whole_way_per_second": free.per_second,
            "whole_way_busy": free.busy,
            "at_the_paid_rate_per_second": (await whole_way(to, messages, PAID)).per_second,
            "telegram_channel_per_second": await ours(root, messages),
            "python_telegram_bot_5_connections_per_second": await library(root, messages, 5),
            "python_telegram_bot_100_connections_per_second": await library(root, messages, IN_FLIGHT),
            "aiogram_per_second": await aiogram(root, messages),
            "ceiling_per_second": await ceiling(root, messages),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES))))
