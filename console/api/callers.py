"""The system that asks, as addresses see it: with the scopes an address needs, and each write carried out once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Security
from fastapi.security import HTTPBearer, SecurityScopes
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from bot.vocabulary import Scope
from console.api.door import Api
from console.api.problems import Trouble
from services.integrations import once
from services.integrations.clients import By
from services.integrations.once import Answer
from storage.repositories.integrations import Integration
from storage.unit import Unit

T = TypeVar("T")
JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store"}

_bearer = HTTPBearer(scheme_name="token", auto_error=False, description="printed by `quanfu integration add`")
_Token = Annotated[object, Depends(_bearer)]
"""For the document only: who asks is known before (`admission`)."""


class ScopeMissing(Exception):
    """The token is good, and not for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.trouble = Trouble(403, "scope_missing", {"scope": scope})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what to do it with."""

    api: Api
    integration: Integration
    request: Request

    @property
    def by(self) -> By:
        """Who asks, and when."""
        return By(self.integration, self.api.clock.now())

    def may(self, scope: Scope) -> bool:
        """Whether the token has a scope that the address can do without."""
        return scope in self.integration.scopes

    async def ask(self, work: Callable[[Unit], T]) -> T:
        """Read what is somebody's: it writes an entry of the audit trail as well."""
        return await self.api.database.write(work)

    async def look(self, work: Callable[[Unit], T]) -> T:
        """Read what is nobody's."""
        return await self.api.database.read(work)


@dataclass(frozen=True, slots=True)
class Writer:
    """One who asks for something to be done, perhaps with a key that makes it happen once."""

    caller: Caller
    key: str | None
    body: bytes

    @property
    def by(self) -> By:
        """Who asks, and when."""
        return self.caller.by

    async def carry_out(self, work: Callable[[Unit], tuple[int, BaseModel]]) -> Response:
        """Do it and answer with the status and body that come of it, or with those of the first time."""
        request = self.caller.request
        path, integration = request.url.path, self.caller.integration
        wish = once.Request(integration, self.key, request.method, path, self.body, self.by.at)

        def answered(unit: Unit) -> Answer:
            status, body = work(unit)
            return Answer(status, body.model_dump_json())

        done = await self.caller.api.database.write(lambda unit: once.carried_out(unit, wish, answered))
        return Response(done.body, done.status, NO_STORE, JSON)


async def caller(request: Request, response: Response, scopes: SecurityScopes, _: _Token) -> Caller:
    """Who asks; ScopeMissing where the token is not for this."""
    integration: Integration = request.state.integration
    for scope in scopes.scopes:
        if scope not in integration.scopes:
            raise ScopeMissing(scope)
    response.headers.update(NO_STORE)
    return Caller(request.app.state.api, integration, request)


Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[A-Za-z0-9_.:-]{1,64}$",
        description="one-time key: for a day a repeat of the same request with it gets the same answer",
    ),
]


async def writer(request: Request, found: Annotated[Caller, Security(caller)], key: Key = None) -> Writer:
    """Who asks for something to be done."""
    return Writer(found, key, await request.body())
