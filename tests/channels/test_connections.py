"""How long a connection to a platform is used again."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.channels.connections import pool

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"


class Platform:
    """Answers every call and counts the connections that they came on."""

    def __init__(self) -> None:
        self.connections = 0

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(ANSWER)
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()


@pytest.fixture
async def platform() -> AsyncIterator[tuple[Platform, str]]:
    """A platform and its address."""
    served = Platform()
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield served, f"http://{host}:{port}/"


@pytest.mark.parametrize(("idle", "connections"), [(60.0, 1), (0.01, 2)])
async def test_a_connection_left_idle_is_not_used_again(
    platform: tuple[Platform, str], idle: float, connections: int
) -> None:
    """It may be closed at the other end while we write, and nobody could say whether the message went out."""
    served, address = platform
    async with aiohttp.ClientSession(connector=pool(5, idle)) as session:
        for _ in range(2):
            async with session.get(address) as answer:
                assert await answer.text() == "ok"
            await asyncio.sleep(0.05)
    assert served.connections == connections
