"""The pictures of the README: a walk over the demo branch in a browser, on a clock that the test moves.

`TEST_SCREENSHOTS=1` writes them to docs/images; otherwise the walk is done all the same, and the pictures that
lie there must be of the size that the pages have now.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from struct import unpack

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Page, ViewportSize, expect

from bot.app import build
from bot.app.channels import MAIN
from bot.app.rooms import Rooms
from bot.app.web import web
from bot.clock import MovableClock
from bot.commands.demo import load
from bot.live import MemoryLive
from bot.settings import Settings
from bot.vocabulary import ChannelKind
from services import calendars
from services.delivery.pump import Pump
from services.demo import dialogues
from storage.engine import open_engines
from storage.repositories.claims import Lane
from storage.unit import Database
from storage.vault import Vault
from tests.bot.webchat.site import Announced
from tests.chromium import Chromium

pytestmark = pytest.mark.asyncio(loop_scope="session")

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WRITE = "TEST_SCREENSHOTS"
SMALLEST = 20_000
"""Bytes: an empty page is smaller."""

PHONE = ViewportSize(width=390, height=960)
LIVE = "实时"
"""Said at the top of the console once its stream of news is open."""

QUESTIONS = ("股票几点开盘", "600519能买吗")


@asynccontextmanager
async def served(rooms: Rooms) -> AsyncIterator[str]:
    """The demo branch on a port of this machine; gives its address."""
    made = web(rooms, demo=True)
    server = Announced(uvicorn.Config(made.app, port=0, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve())
    await server.ready.wait()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    await rooms.live.close()
    server.should_exit = True
    await running
    await made.confirmations.close()


@pytest_asyncio.fixture(loop_scope="session")
async def address(sqlite_url: str, clock: MovableClock) -> AsyncIterator[str]:
    """The demo branch a little after its clients spoke."""
    settings = Settings(database_url=sqlite_url)
    database = Database(open_engines(sqlite_url), Vault((b"p" * 32,)))
    await database.write(lambda unit: calendars.load_packaged(unit, clock.now()))
    await load(database, clock.now())
    rooms = await build(settings, database, clock, MemoryLive())
    await talk(rooms, clock)
    async with served(rooms) as url:
        yield url
    await rooms.dispatcher.idle()
    database.close()


async def talk(rooms: Rooms, clock: MovableClock) -> None:
    """Let the clients of the demo speak, one every 20 s, and each get an answer."""
    pump = Pump(rooms.database, rooms.delivery, rooms.channels, rooms.holder)
    for arrival in dialogues():
        await rooms.dispatcher.take([arrival])
        await rooms.dispatcher.idle()
        while await pump.work(Lane(ChannelKind.RECORDING, MAIN, urgent=True)):
            pass
        clock.move(timedelta(seconds=20))


def size(picture: Path) -> tuple[int, int]:
    """Width and height as a PNG file's head tells them."""
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    width, height = unpack(">II", head[16:])
    return width, height


async def keep(page: Page, name: str, folder: Path) -> None:
    """Take the picture; write it where asked, else hold the one that lies there against it."""
    taken = (IMAGES if os.environ.get(WRITE) else folder) / f"{name}.png"
    taken.parent.mkdir(exist_ok=True)
    await page.screenshot(path=taken, animations="disabled")
    assert taken.stat().st_size > SMALLEST
    assert size(IMAGES / taken.name) == size(taken)


async def test_a_client_asks(chromium: Chromium, address: str, tmp_path: Path) -> None:
    page = await chromium.page(PHONE)
    await page.goto(address)
    for place, question in enumerate(QUESTIONS, 1):
        await page.fill("#text", question)
        await page.press("#text", "Enter")
        await expect(page.locator(".said")).to_have_count(place)
    await keep(page, "chat", tmp_path)
    await page.context.close()


async def test_staff_see_who_waits_and_who_complains(chromium: Chromium, address: str, tmp_path: Path) -> None:
    page = await chromium.page()
    await page.goto(f"{address}/console/login?next=/console/conversations")
    await page.click("button.q-person:has-text('s05')")
    await page.get_by_text("欧阳").first.click()
    await expect(page.get_by_role("button", name="接入")).to_be_visible()
    await expect(page.get_by_text(LIVE, exact=True)).to_be_visible()
    await keep(page, "console", tmp_path)
    await page.goto(f"{address}/console/tickets/TS20261123-0001")
    await expect(page.get_by_text(LIVE, exact=True)).to_be_visible()
    await keep(page, "ticket", tmp_path)
    await page.context.close()
