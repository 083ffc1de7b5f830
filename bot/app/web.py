"""The HTTP side: pages, hooks, health, and a server that ends in time with pages open."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socket import socket

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from bot import webhooks
from bot.app.health import Health
from bot.app.rooms import Rooms
from bot.webchat.headers import SecurityHeaders
from bot.webhooks import Confirmations, Hooks

GRACEFUL = 3
"""Seconds that open requests get at the end."""


@dataclass(frozen=True)
class Web:
    """The application and what has to be closed with it."""

    app: Starlette
    confirmations: Confirmations


def web(rooms: Rooms) -> Web:
    """Every address of the service."""
    hooks = Hooks(rooms.database, rooms.dispatcher, rooms.told, rooms.clock, rooms.rules.passive_seconds)
    confirmations = Confirmations(hooks)
    routes: list[BaseRoute] = [
        *Health(rooms.database).routes(),
        *rooms.webchat.routes(),
        *webhooks.routes(hooks, confirmations, list(rooms.channels.values())),
    ]
    return Web(Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)]), confirmations)


class Server(uvicorn.Server):
    """Closes the event streams first, so that open pages don't hold up the end; leaves signals to the service."""

    def __init__(self, config: uvicorn.Config, before_end: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._before_end = before_end

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the service's."""
        yield

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End."""
        await self._before_end()
        await super().shutdown(sockets)


def server(app: Starlette, rooms: Rooms) -> Server:
    """A server on the settings' address."""
    settings = rooms.settings
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=GRACEFUL,
    )
    return Server(config, rooms.live.close)
