"""The way into the JSON API: its framework takes a quarter of a second to load, so the first request loads it."""

import asyncio
import re
from dataclasses import dataclass, field
from importlib import import_module

from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.clock import Clock
from services.identity import Identity
from storage.unit import Database

PATH = "/api/v1"


@dataclass(frozen=True)
class Api:
    """What the API needs, handed in by the composition root."""

    database: Database
    clock: Clock
    identity: Identity


@dataclass
class Door:
    """Makes the application at the first request; a branch without integrations never pays for it."""

    api: Api
    app: ASGIApp | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        app = self.app or await self._made()
        await app(scope, receive, send)

    async def _made(self) -> ASGIApp:
        async with self.lock:
            if self.app is None:
                self.app = await asyncio.to_thread(self._loaded)
            return self.app

    def _loaded(self) -> ASGIApp:
        made: ASGIApp = import_module("console.api.application").application(self.api)
        return made


def routes(api: Api) -> list[BaseRoute]:
    """To stand at the root of the server; also an address with the end of a line in it is answered here."""
    mount = Mount(PATH, Door(api))
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return [mount]
