"""A bare aiogram that sends as fast as it can: `python aiogram_sending.py ROOT TOKEN MESSAGES IN_FLIGHT WARMING`.

It asks for another pydantic than ours, so it runs in an environment of its own; prints messages a second.
"""

import asyncio
import sys
from time import perf_counter

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

TEXT = "Trading begins at 9:30. Markets carry risk; invest with care."
CHATS = 500


async def flood(bot: Bot, messages: int, in_flight: int) -> None:
    """So many messages, so many at a time."""
    numbers = iter(range(messages))

    async def lane() -> None:
        for number in numbers:
            await bot.send_message(1000 + number % CHATS, TEXT)

    await asyncio.gather(*(lane() for _ in range(in_flight)))


async def measure(root: str, token: str, messages: int, in_flight: int, warming: int) -> float:
    """Messages a second."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(root), limit=in_flight)
    async with Bot(token, session=session) as bot:
        await flood(bot, warming, in_flight)
        started = perf_counter()
        await flood(bot, messages, in_flight)
        return messages / (perf_counter() - started)


if __name__ == "__main__":
    print(round(asyncio.run(measure(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))))
