"""A stand with a console, and people who are signed in to it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from bot.clock import MovableClock
from tests.console.stand import MONDAY, Stand, stand


@dataclass
class Person:
    """A signed-in browser without a screen."""

    http: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.http.get(path)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form with this sign-in's token."""
        return await self.http.post(path, data={"csrf": self.csrf, "key": "k1", **fields})


SignIn = Callable[[str], Awaitable[Person]]


@pytest.fixture
def desk_url(sqlite_url: str) -> str:
    """The database that the stand is on; modules about what is written ask for each kind."""
    return sqlite_url


@pytest.fixture
def branch(desk_url: str) -> Iterator[Stand]:
    """The stand."""
    with stand(desk_url, MovableClock(MONDAY)) as standing:
        yield standing


@pytest.fixture
async def http(branch: Stand) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody is signed in with."""
    async with _browser(branch) as client:
        yield client


@pytest.fixture
async def sign_in(branch: Stand) -> AsyncIterator[SignIn]:
    """Signs a demo person in, each with a browser of their own."""
    opened: list[httpx.AsyncClient] = []

    async def enter(number: str) -> Person:
        client = _browser(branch)
        opened.append(client)
        await client.post("/console/login/demo", data={"number": number})
        token = (await client.get("/console/token")).json()["csrf"]
        return Person(client, token)

    yield enter
    for client in opened:
        await client.aclose()


def _browser(branch: Stand) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(branch.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://desk")


def words(answer: httpx.Response) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
