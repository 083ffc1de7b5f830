"""Says yes to every message for Telegram and WeChat, in a process of its own: what sending is measured against.

The doubles of the tests judge every call and keep a ledger, which costs more than sending does; a figure measured
against them is theirs. This one reads HTTP and answers; it counts the messages, so that none is claimed that did not
arrive. `python -m benchmarks.answering` prints its port.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.request import urlopen

from httptools import HttpRequestParser

from tests.doubles.telegram import TOKEN

SENDING = (b"/sendMessage", b"/custom/send")
TAKEN = (
    b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"bot"},'
    b'"errcode":0,"access_token":"token","expires_in":7200}'
)
"""What both platforms call a success, to whatever was asked."""
MESSAGE = b'{"ok":true,"result":{"message_id":%d,"date":1763870400,"chat":{"id":1000,"type":"private"},"text":"taken"}}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@dataclass
class Count:
    """Messages taken on all connections."""

    messages: int = 0


@dataclass
class Answering(asyncio.Protocol):
    """One connection."""

    count: Count
    url: bytes = b""
    transport: asyncio.Transport = field(init=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.parser = HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """The address, perhaps in pieces."""
        self.url += url

    def on_message_complete(self) -> None:
        """Answer."""
        body = self._body()
        self.url = b""
        self.transport.write(HEAD % len(body) + body)

    def _body(self) -> bytes:
        path = self.url.partition(b"?")[0]
        if path == b"/count":
            return b"%d" % self.count.messages
        if not path.endswith(SENDING):
            return TAKEN
        self.count.messages += 1
        return MESSAGE % self.count.messages if path.endswith(SENDING[0]) else TAKEN


@dataclass(frozen=True)
class Platforms:
    """Where it listens, and what it has taken so far."""

    root: str

    @property
    def settings(self) -> dict[str, str]:
        """What points a server at it."""
        wechat = {"API_ROOT": self.root, "APP_ID": "wx0000000000000001", "SECRET": "secret", "TOKEN": "token"}
        telegram = {"QUANFU_TELEGRAM__API_ROOT": self.root, "QUANFU_TELEGRAM__TOKEN": TOKEN}
        return telegram | {f"QUANFU_WECHAT__{name}": value for name, value in wechat.items()}

    def taken(self) -> int:
        """Messages."""
        with urlopen(f"{self.root}/count") as answer:  # noqa: S310 - its own loopback address
            return int(json.load(answer))


@asynccontextmanager
async def platforms() -> AsyncIterator[Platforms]:
    """Until the block ends."""
    command = [sys.executable, "-m", "benchmarks.answering"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    try:
        yield Platforms(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        await process.communicate()


async def serve() -> None:
    """Until the process is told to end."""
    count = Count()
    server = await asyncio.get_running_loop().create_server(lambda: Answering(count), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
