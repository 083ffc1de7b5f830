"""The event stream of a page: what was missed comes once, from whichever process, and typing is seen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from bot.live import CLIENT_TYPING, STAFF_TYPING
from bot.live.postgres import PostgresLive
from bot.webchat.stream import MOST_STREAMS
from tests.bot.webchat.site import Site, opened, served

OWN = f'data-mine="{"a" * 24}"'
"""By this a page knows the visitor's own line again, and does not draw it twice."""
LONG_AGO = timedelta(minutes=1)
"""Longer than a resumed stream looks back."""


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with opened(database_url) as ready:
        yield ready


@dataclass
class Event:
    """One event of a stream."""

    id: str = ""
    event: str = ""
    data: str = ""


@dataclass
class Page:
    """A page's end of the stream: what it heard, and the last line it has."""

    events: "asyncio.Queue[Event]" = field(default_factory=asyncio.Queue)
    last: str = ""

    async def read(self, stream: httpx.Response) -> None:
        """Take in events until the stream ends."""
        event = Event()
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            if name in ("id", "event", "data"):
                setattr(event, name, getattr(event, name) + value)
            if not line and event.data:
                self.last = event.id or self.last
                self.events.put_nowait(event)
                event = Event()

    async def hears(self, words: str) -> None:
        """The next event is this one."""
        async with asyncio.timeout(10):
            event = await self.events.get()
        assert words in (event.event or event.data)


@asynccontextmanager
async def listening(client: httpx.AsyncClient, last: str = "") -> AsyncIterator[Page]:
    """A page that listens from the last line on that it has."""
    headers = {"last-event-id": last} if last else {}
    async with client.stream("GET", "/chat/stream", headers=headers) as stream:
        assert stream.status_code == 200
        page = Page(last=last)
        reading = asyncio.create_task(page.read(stream))
        yield page
        reading.cancel()
        await asyncio.wait({reading})
        assert page.events.empty()


@asynccontextmanager
async def visiting(url: str, cookies: httpx.Cookies | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, with the cookies it had before."""
    async with httpx.AsyncClient(base_url=url, cookies=cookies) as client:
        await client.get("/")
        yield client


async def ask(client: httpx.AsyncClient, text: str, number: str = "a" * 24) -> None:
    await client.post("/chat/messages", data={"text": text, "id": number}, headers={"accept": "application/json"})


async def refused(client: httpx.AsyncClient) -> bool:
    """Whether one more stream is too many."""
    async with client.stream("GET", "/chat/stream") as stream:
        return stream.status_code == 429


async def test_what_was_said_while_away_comes_once_and_then_what_is_said(site: Site) -> None:
    async with served(site) as url, visiting(url) as client:
        await ask(client, "人工")
        async with listening(client) as page:
            await page.hears(OWN)
            await page.hears("收到：人工")
        site.stand.clock.move(LONG_AGO)
        await site.staff_says("第一句")
        await site.staff_says("第二句")
        async with listening(client, page.last) as page:
            await page.hears("第一句")
            await page.hears("第二句")
            await site.staff_says("第三句")
            await page.hears("第三句")


async def test_what_was_written_in_another_tab_comes_once_and_before_its_answer(site: Site) -> None:
    async with served(site) as url, visiting(url) as client:
        await ask(client, "人工")
        async with listening(client) as page:
            await page.hears(OWN)
            await page.hears("收到：人工")
            site.stand.clock.move(LONG_AGO)
            await ask(client, "另一页的话", "b" * 24)
            await page.hears(f'data-mine="{"b" * 24}"')
            await page.hears("收到：另一页的话")
        site.stand.clock.move(LONG_AGO)
        await site.staff_says("后来的话")
        async with listening(client, page.last) as page:
            await page.hears("后来的话")


async def test_a_restart_of_the_server_loses_and_doubles_nothing(database_url: str) -> None:
    async with opened(database_url) as before, served(before) as url, visiting(url) as client:
        await ask(client, "人工")
        async with listening(client) as page:
            await page.hears(OWN)
            await page.hears("收到：人工")
        cookies = client.cookies
    async with opened(database_url) as after:
        after.stand.clock.move(LONG_AGO)
        await after.staff_says("重启时的话")
        async with served(after) as url, visiting(url, cookies) as client, listening(client, page.last) as page:
            await page.hears("重启时的话")
            await after.staff_says("重启后的话")
            await page.hears("重启后的话")


async def test_what_another_process_says_and_types_reaches_the_page_once(postgres_url: str) -> None:
    async with AsyncExitStack() as stack:
        lives = [PostgresLive(postgres_url.replace("+psycopg", "")) for _ in range(2)]
        web, other = [await stack.enter_async_context(opened(postgres_url, live=live)) for live in lives]
        for live in lives:
            await live.open()
            stack.push_async_callback(live.close)
            await live.ready()
        client = await stack.enter_async_context(visiting(await stack.enter_async_context(served(web))))
        await ask(client, "人工")
        async with listening(client) as page:
            await page.hears(OWN)
            await page.hears("收到：人工")
            await other.staff_says("另一进程的话")
            await page.hears("另一进程的话")
            other.live.publish([f"{STAFF_TYPING}:{await web.conversation()}"])
            await page.hears("typing")


async def test_a_client_is_seen_typing_by_a_person_and_not_by_the_bot(site: Site) -> None:
    heard = site.live.subscribe(CLIENT_TYPING)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site.app), base_url="http://chat") as client:
        await client.get("/")
        assert (await client.post("/chat/typing")).status_code == 204
        await ask(client, "人工")
        await client.post("/chat/typing")
        assert await heard.next(0) is None
        await site.staff_takes_over()
        await client.post("/chat/typing")
        assert await heard.next(0) == f"{CLIENT_TYPING}:{await site.conversation()}"
        foreign = await client.post("/chat/typing", headers={"origin": "http://other.example"})
    assert foreign.status_code == 403


async def test_signs_of_typing_are_limited(site: Site) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site.app), base_url="http://chat") as client:
        await client.get("/")
        codes = [(await client.post("/chat/typing")).status_code for _ in range(31)]
    assert codes == [204] * 30 + [429]


async def test_one_visitor_has_so_many_streams_and_a_closed_one_counts_no_more(site: Site) -> None:
    async with served(site) as url, visiting(url) as client:
        await ask(client, "人工")
        async with AsyncExitStack() as stack:
            for _ in range(MOST_STREAMS):
                page = await stack.enter_async_context(listening(client))
                await page.hears(OWN)
                await page.hears("收到：人工")
            assert await refused(client)
        async with asyncio.timeout(10):
            while await refused(client):  # noqa: ASYNC110 - the server notices a closed connection in its own time
                await asyncio.sleep(0.02)


async def test_streams_end_when_the_server_does(site: Site) -> None:
    async with httpx.AsyncClient() as client:
        async with served(site) as url:
            client.base_url = httpx.URL(url)
            await client.get("/")
            await ask(client, "你好")
            reading = asyncio.create_task(_read_to_the_end(client))
            await asyncio.wait({reading}, timeout=0.3)
            assert not reading.done()
        assert await reading > 0


async def _read_to_the_end(client: httpx.AsyncClient) -> int:
    async with client.stream("GET", "/chat/stream") as stream:
        return len([line async for line in stream.aiter_lines()])
