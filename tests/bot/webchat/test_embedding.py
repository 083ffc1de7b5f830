"""The chat in a frame of another site: who may show it, and whose it is without a cookie."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.webchat.visitors import HEADER, signed
from tests.bot.webchat.site import Site, opened

SITE = "https://www.branch.example"
JSON = {"accept": "application/json"}


@pytest.fixture
async def site(sqlite_url: str) -> AsyncIterator[Site]:
    async with opened(sqlite_url, origins=(SITE, "http://127.0.0.1:81")) as ready:
        yield ready


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(site) as ready:
        yield ready


def visiting(site: Site, base_url: str = "http://chat") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(site.app), base_url=base_url)


async def entered(client: httpx.AsyncClient) -> dict[str, str]:
    """What the script of a fresh frame says of itself from then on."""
    page = await client.get("/chat/frame", headers={"accept-language": "zh-CN"})
    found = re.search(r'data-visitor="([^"]+)"', page.text)
    assert found is not None
    return {HEADER: found[1], **JSON}


async def ask(client: httpx.AsyncClient, me: dict[str, str], text: str) -> httpx.Response:
    return await client.post("/chat/messages", data={"text": text, "id": "a" * 24}, headers=me)


async def test_only_the_named_sites_may_frame_it(client: httpx.AsyncClient) -> None:
    page = await client.get("/chat/frame")
    assert page.headers["content-security-policy"].endswith(f"frame-ancestors {SITE} http://127.0.0.1:81")
    assert (await client.get("/")).headers["content-security-policy"].endswith("frame-ancestors 'self'")


async def test_the_script_knows_its_sites_and_has_words_in_both_languages(client: httpx.AsyncClient) -> None:
    script = await client.get("/chat/embed.js")
    assert script.headers["content-type"].startswith("text/javascript")
    told = json.loads(script.text.rpartition(")(")[2].removesuffix(");\n"))
    assert told["origins"] == [SITE, "http://127.0.0.1:81"]
    assert told["words"]["en"].keys() == told["words"]["zh_CN"].keys() >= {"open", "close", "unread"}


async def test_there_is_nothing_to_embed_where_no_site_is_named(sqlite_url: str) -> None:
    async with opened(sqlite_url) as site, visiting(site) as client:
        codes = [(await client.get(path)).status_code for path in ("/chat/frame", "/chat/embed.js")]
    assert codes == [404, 404]


async def test_a_frame_has_its_conversation_without_any_cookie(client: httpx.AsyncClient, site: Site) -> None:
    me, other = await entered(client), await entered(client)
    answer = await ask(client, me, "在吗")
    assert answer.json()["done"] is True
    lines = (await client.get("/chat/history", headers=me)).json()["lines"]
    assert [("在吗" in line, "收到：在吗" in line) for line in lines] == [(True, False), (True, True)]
    assert (await client.get("/chat/history", headers=other)).json() == {"lines": []}
    assert dict(client.cookies) == {}


async def test_what_we_did_not_sign_is_nobody(client: httpx.AsyncClient, site: Site) -> None:
    for made in (signed(b"another key", "somebody"), "somebody", ""):
        me = {HEADER: made, **JSON}
        assert (await ask(client, me, "x")).status_code == 401
        assert [(await client.get(path, headers=me)).status_code for path in ("/chat/history", "/chat/stream")] == [
            401,
            401,
        ]
    assert await site.stand.inbox() == []


async def test_a_frame_is_not_the_visitor_of_the_cookie(client: httpx.AsyncClient) -> None:
    await client.get("/")
    await ask(client, JSON, "在整页上")
    assert (await client.get("/chat/history", headers=await entered(client))).json() == {"lines": []}


async def test_a_frames_lines_are_in_its_own_language(client: httpx.AsyncClient) -> None:
    me = await entered(client)
    await ask(client, me, "在吗")
    await client.get("/chat/look", params={"lang": "zh_CN"})
    lines = (await client.get("/chat/history", headers={**me, "accept-language": "en"})).json()["lines"]
    assert '<span class="hidden">Bot</span>' in lines[1]


async def test_another_site_cannot_post_for_a_frame(client: httpx.AsyncClient, site: Site) -> None:
    me = await entered(client)
    assert (await ask(client, {**me, "origin": SITE}, "x")).status_code == 403
    assert await site.stand.inbox() == []


async def test_a_frame_keeps_its_look_in_its_address(client: httpx.AsyncClient) -> None:
    page = (await client.get("/chat/frame", params={"lang": "en", "theme": "dark", "size": "125"})).text
    for part in (
        'lang="en"',
        'data-theme="dark"',
        "/chat/frame?lang=en&amp;theme=dark&amp;size=150",
        'target="_blank"',
    ):
        assert part in page
    assert "/chat/look" not in page


async def test_over_https_a_cookie_apart_for_each_site_brings_the_frame_back(site: Site) -> None:
    async with visiting(site, "https://chat") as client:
        page = await client.get("/chat/frame", params={"site": "en", "theme": "dark", "lang": "en"})
        for cookie in page.headers.get_list("set-cookie"):
            assert cookie.endswith("; Secure; HttpOnly; SameSite=None; Partitioned")
            assert "; Path=/chat/frame;" in cookie
        again = await client.get("/chat/frame", params={"site": "zh_CN"})
        first, second = (re.search(r'data-visitor="([^"]+)"', one.text) for one in (page, again))
        assert first is not None
        assert second is not None
        assert first[1] == second[1]
        assert 'lang="en" data-theme="dark"' in again.text


async def test_the_frames_cookie_speaks_for_nobody(site: Site) -> None:
    async with visiting(site, "https://chat") as client:
        await ask(client, await entered(client), "在框里")
        value = client.cookies["quanfu_frame"]
        answer = await client.get("/chat/history", headers={"cookie": f"quanfu_frame={value}", **JSON})
        assert answer.json() == {"lines": []}
