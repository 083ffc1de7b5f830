"""Runs a double on a loopback port, inside the caller's event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.doubles.gateway import TRANSPORT, Gateway

HOST = "127.0.0.1"
LONGEST_GOODBYE = 2.0


class Double(Protocol):
    """What the server needs of a platform double."""

    root: str
    gateway: Gateway

    def app(self) -> Starlette:
        """The routes of the platform, and the control pages."""
        ...

    async def open(self) -> None:
        """Called once the port is known."""
        ...

    async def close(self) -> None:
        """Ends background work and long polls."""
        ...


D = TypeVar("D", bound=Double)


class _Exposed(HttpToolsProtocol):
    """Hands the connection to the application, which may have to cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {TRANSPORT: self.transport}}


@asynccontextmanager
async def running(double: D, port: int = 0) -> AsyncIterator[D]:
    """The double, listening at `double.root` until the block ends; port 0 takes any free one."""
    listener = socket.create_server((HOST, port))
    # asyncio sets this only on sockets that name their protocol; without it each answer waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    double.root = f"http://{HOST}:{listener.getsockname()[1]}"
    server = _server(double.app())
    # Not `serve()`: it takes over the process's signals and polls for its end.
    await server.startup([listener])
    await double.open()
    try:
        yield double
    finally:
        double.gateway.closing.set()
        await double.close()
        await _stop(server)
        listener.close()


async def _stop(server: uvicorn.Server) -> None:
    """As uvicorn stops, without its pauses: every test passes here."""
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    if server.server_state.tasks:
        _, stuck = await asyncio.wait(server.server_state.tasks, timeout=LONGEST_GOODBYE)
        for task in stuck:
            task.cancel()
    # Closed connections are let go on the loop's next round.
    await asyncio.sleep(0)


def _server(app: Starlette) -> uvicorn.Server:
    config = uvicorn.Config(
        app, http=_Exposed, ws="none", lifespan="off", log_config=None, access_log=False, date_header=False
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    return server
