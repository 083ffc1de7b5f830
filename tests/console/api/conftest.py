"""A branch whose counter system has a token."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette

from bot.clock import MovableClock
from bot.vocabulary import Role, Scope
from console.api import Api, routes
from services.identity import Identity
from services.integrations import register
from services.integrations.register import Wish
from services.rules import Rules
from storage.repositories import staff
from storage.repositories.staff import NewStaff
from storage.unit import Database, Unit

EVERYTHING = tuple(Scope)
IDENTITY = "11010519491231002X"
CLIENT = {"name": "欧阳晓岚", "gender": "女", "phone": "13800138000", "identity": IDENTITY, "birthday": "农历八月十五"}


@dataclass
class Counter:
    """The counter's system: one token, one client of HTTP."""

    http: httpx.AsyncClient
    token: str

    async def __call__(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Ask for something; names of headers are written with `_`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else json.dumps(body).encode()
        sent = {
            "Authorization": f"Bearer {self.token}",
            "Accept-Language": "en",
            "Content-Type": "application/json",
            **sent,
        }
        return await self.http.request(method, f"/api/v1{path}", headers=sent, content=content)


@dataclass
class Branch:
    """The branch and its door."""

    database: Database
    clock: MovableClock
    app: Starlette

    async def let_in(self, scopes: Iterable[Scope] = EVERYTHING, name: str = "counter", per_minute: int = 1000) -> str:
        """A token."""

        def work(unit: Unit) -> str:
            admin = staff.by_number(unit, "s7")
            assert admin is not None
            return register.add(unit, admin, Wish(name, tuple(scopes), per_minute), self.clock.now())

        return await self.database.write(work)


@pytest.fixture
async def branch(database: Database, clock: MovableClock) -> Branch:
    """An administrator and a manager, and nobody else."""

    def work(unit: Unit) -> None:
        for number, role in (("s7", Role.ADMIN), ("s3", Role.RM)):
            staff.add(unit, NewStaff(number, number, [role], ""), clock.now())

    await database.write(work)
    api = Api(database, clock, Identity(Rules()))
    return Branch(database, clock, Starlette(routes=routes(api)))


@pytest.fixture
async def http(branch: Branch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of HTTP."""
    transport = httpx.ASGITransport(branch.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://counter") as client:
        yield client


@pytest.fixture
async def counter(branch: Branch, http: httpx.AsyncClient) -> Counter:
    """The counter's system with every scope."""
    return Counter(http, await branch.let_in())
