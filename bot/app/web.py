"""The HTTP side: pages, hooks, health, and a server that ends in time with pages open."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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
from console.api import Api
from console.api import routes as api_routes
from console.context import Console
from console.prospects import Prospects
from console.site import pages as console_pages
from services.desk import Desk
from services.doctor import Seen, examine
from services.doctor.latest import Account, place_of
from services.knowledge.editions import Editions
from services.knowledge.knowledge import Knowledge
from services.knowledge.publishing import Publishing
from services.staff import SignIns

GRACEFUL = 3
"""Seconds that open requests get at the end."""


@dataclass(frozen=True)
class Web:
    """The application and what has to be closed with it."""

    app: Starlette
    confirmations: Confirmations


def web(rooms: Rooms, *, demo: bool) -> Web:
    """Every address of the service."""
    hooks = Hooks(rooms.database, rooms.dispatcher, rooms.pushed, rooms.clock, rooms.rules.passive_seconds)
    confirmations = Confirmations(hooks)
    routes: list[BaseRoute] = [  # looked through in this order: platforms ask most often
        *webhooks.routes(hooks, confirmations, list(rooms.channels.values())),
        *Health(rooms.database).routes(),
        *console_pages(_console(rooms, demo=demo)),
        *api_routes(Api(rooms.database, rooms.clock, rooms.services.identity)),
        *rooms.webchat.routes(),
    ]
    return Web(Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)]), confirmations)


def _console(rooms: Rooms, *, demo: bool) -> Console:
    public_url = rooms.settings.public_url or ""
    services = rooms.services
    return Console(
        database=rooms.database,
        clock=rooms.clock,
        texts=rooms.texts,
        rules=rooms.rules,
        sign_ins=SignIns(rooms.clock, rooms.rules),
        handover=services.handover,
        desk=Desk(services.tickets, services.handover),
        delivery=rooms.delivery,
        library=rooms.library,
        imports=rooms.imports,
        published=services.published,
        sensed=partial(_sensed, rooms),
        editions=Editions(rooms.clock),
        prospects=Prospects(rooms.database, Publishing(rooms.clock), services.published),
        live=rooms.live,
        hours=rooms.hours,
        capabilities=rooms.delivery.accounts,
        examine=partial(_examined, rooms),
        secure_cookie=public_url.startswith("https:"),
        demo=demo,
        public_url=public_url,
    )


async def _sensed(rooms: Rooms, question: str) -> Knowledge:
    """What is published, with what the embedder tells of a question where there is one."""
    current = rooms.services.knowledge
    return await rooms.sense.sensed(current, question) if rooms.sense else current


async def _examined(rooms: Rooms, account: Account) -> Sequence[Seen]:
    """One account of the running service."""
    check = partial(rooms.channels[account].check, rooms.settings.public_url)
    return await examine([(place_of(account), check)])


class Server(uvicorn.Server):
    """Closes the event streams first, so that open pages don't hold up the end; leaves signals to the service."""

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], before_end: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._told_started = started
        self._before_end = before_end

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen, and say so; an address in use ends the service."""
        await super().startup(sockets)
        if self.started:
            self._told_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the service's."""
        yield

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End."""
        await self._before_end()
        await super().shutdown(sockets)


def server(app: Starlette, rooms: Rooms, started: Callable[[], None]) -> Server:
    """A server on the settings' address."""
    settings = rooms.settings
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        ws="none",  # what the server tells a page comes as events
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=GRACEFUL,
    )
    return Server(config, started, rooms.live.close)
