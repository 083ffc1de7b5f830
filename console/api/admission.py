"""Who may come in: the token first, then how often, before anything of the request is read."""

from dataclasses import dataclass
from math import ceil

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import DatabaseBusy
from console.api.door import Api
from console.api.problems import AGAIN, Trouble, told
from services.integrations import entrance
from storage.repositories.integrations import Integration

LARGEST = 64 * 1024
"""Bytes of a body: one client, not a table of them."""
OPEN = frozenset({"/openapi.json"})
"""What needs no token: it tells nothing of anybody."""


@dataclass(frozen=True)
class Admission:
    """Lets in whoever has a token and has not used up their minute; the rest is told why not."""

    app: ASGIApp
    api: Api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with `integration` in its state, or answer it."""
        if scope["type"] == "http" and _path(scope) not in OPEN:
            found = await self._found(Request(scope))
            if isinstance(found, Trouble):
                await told(Request(scope), found)(scope, receive, send)
                return
            scope.setdefault("state", {})["integration"] = found
        await self.app(scope, _limited(receive), send)

    async def _found(self, request: Request) -> Integration | Trouble:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return Trouble(401, "token_missing")
        try:
            found = await self.api.database.read(lambda unit: entrance.known(unit, token.strip()))
            if found is None:
                return Trouble(401, "token_unknown")
            declared = request.headers.get("content-length", "0")
            if declared.isdecimal() and int(declared) > LARGEST:
                return Trouble(413, "too_large")
            return await self._in_time(found)
        except DatabaseBusy:
            return Trouble(503, "busy", retry_after=AGAIN)

    async def _in_time(self, found: Integration) -> Integration | Trouble:
        now = self.api.clock.now()
        wait = await self.api.database.write(lambda unit: entrance.admitted(unit, found, now), brief=True)
        if not wait:
            return found
        seconds = ceil(wait)
        limits = {"per_minute": found.per_minute, "seconds": seconds}
        return Trouble(429, "too_many", limits, retry_after=seconds)


def _limited(receive: Receive) -> Receive:
    """A body that does not say how long it is ends with 413 where it grows too large."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST:
            raise HTTPException(413)
        return message

    return counted


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
