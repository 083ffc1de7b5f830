"""Whom the server takes a request to be from, with and without a proxy before it."""

from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.app.rooms import Rooms
from bot.app.web import server
from bot.live import MemoryLive
from bot.settings import Settings

CLIENT = "203.0.113.7"


async def whoami(request: Request) -> Response:
    assert request.client is not None
    return PlainTextResponse(f"{request.url.scheme} {request.client.host}")


async def seen(trusted: str, peer: str, forwarded: str) -> str:
    """What an endpoint sees of a request that came from a peer with this X-Forwarded-For."""
    rooms = SimpleNamespace(settings=Settings(trusted_proxies=trusted), live=MemoryLive())
    config = server(Starlette(routes=[Route("/", whoami)]), cast(Rooms, rooms), lambda: None).config
    config.load()
    transport = httpx.ASGITransport(config.loaded_app, client=(peer, 4711))
    headers = {"x-forwarded-for": forwarded, "x-forwarded-proto": "https"}
    async with httpx.AsyncClient(transport=transport, base_url="http://chat") as client:
        return (await client.get("/", headers=headers)).text


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "wanted"),
    [
        ("", "127.0.0.1", CLIENT, "http 127.0.0.1"),
        ("10.0.0.0/8", "192.0.2.1", CLIENT, "http 192.0.2.1"),
        ("10.0.0.0/8", "10.1.2.3", CLIENT, f"https {CLIENT}"),
        ("10.0.0.0/8, 192.0.2.1", "192.0.2.1", f"198.51.100.1, {CLIENT}, 10.1.2.3", f"https {CLIENT}"),
    ],
)
async def test_only_a_trusted_proxy_says_whose_request_it_is(
    trusted: str, peer: str, forwarded: str, wanted: str
) -> None:
    assert await seen(trusted, peer, forwarded) == wanted
