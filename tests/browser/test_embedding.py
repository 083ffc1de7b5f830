"""The chat in a bubble on a site of another origin, in a real browser."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, FrameLocator, Locator, Page, ViewportSize, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.bot.webchat.site import HOURS, Site, listening, opened
from tests.chromium import DESK, Chromium
from tests.pictures import PDF, picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = ViewportSize(width=375, height=667)
STRICT = "default-src 'none'; script-src {chat}; frame-src {chat}; base-uri 'none'"
TAG = '<script src="{chat}/chat/embed.js" async></script>'
PAGES = {
    "/": f'<!doctype html><html lang="zh-CN"><head>{TAG}</head><body><h1>营业部</h1></body>',
    "/by-hand": '<!doctype html><html lang="zh-CN"><body><iframe src="{chat}/chat/frame"></iframe></body>',
}


@dataclass
class Neighbour:
    """A site of the branch's own; its policy lets in nothing but the chat's script and frame."""

    chat: str = ""
    url: str = ""

    @property
    def app(self) -> Starlette:
        """Two pages."""
        return Starlette(routes=[Route(path, self.page) for path in PAGES])

    async def page(self, request: Request) -> Response:
        """The page, with the chat's address put in."""
        html, policy = PAGES[request.url.path].format(chat=self.chat), STRICT.format(chat=self.chat)
        return HTMLResponse(html, headers={"content-security-policy": policy})


@dataclass(frozen=True)
class Place:
    """The site with the bubble, one that may not have it, and those behind the chat."""

    site: Site
    allowed: Neighbour
    stranger: Neighbour


def over_https(site: Site) -> ASGIApp:
    """The chat as behind a proxy that speaks HTTPS; browsers trust this machine without it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await site.app({**scope, "scheme": "https"}, receive, send)

    return app


@asynccontextmanager
async def neighbour() -> AsyncIterator[Neighbour]:
    made = Neighbour()
    async with listening(made.app) as url:
        made.url = url.replace("127.0.0.1", "localhost")
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def place(sqlite_url: str) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        allowed, stranger = [await stack.enter_async_context(neighbour()) for _ in range(2)]
        site = await stack.enter_async_context(opened(sqlite_url, origins=(allowed.url,)))
        chat = await stack.enter_async_context(listening(over_https(site)))
        allowed.chat = stranger.chat = chat
        yield Place(site, allowed, stranger)
        await site.live.close()


@asynccontextmanager
async def visiting(chromium: Chromium, url: str, size: ViewportSize = DESK) -> AsyncIterator[Page]:
    """A page; a fault in its script, or in the frame's, fails the test."""
    page = await chromium.page(size)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(url)
    yield page
    assert faults == []
    await page.context.close()


def bubble(page: Page) -> Locator:
    return page.locator("button[aria-expanded]")


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


async def ask(page: Page, text: str) -> None:
    """In the open frame, as soon as its script is there and has put the cursor into the box."""
    await expect(chat(page).locator("#text")).to_be_focused()
    await chat(page).locator("#text").fill(text)
    await chat(page).locator("#text").press("Enter")


async def test_one_tag_brings_a_chat_that_survives_a_reload(chromium: Chromium, place: Place) -> None:
    async with visiting(chromium, place.allowed.url) as page:
        await bubble(page).click()
        await ask(page, "股票几点开盘")
        await expect(chat(page).locator(".said .text").last).to_have_text(HOURS)
        await page.reload()
        await expect(chat(page).locator("#history .said .text")).to_have_text(HOURS)
        await place.site.staff_says("您好，请讲。")
        await expect(chat(page).locator("#log .said .text")).to_have_text("您好，请讲。")
        assert {cookie["name"] for cookie in await page.context.cookies()} == {"quanfu_frame"}


async def test_pictures_and_files_are_sent_and_seen_in_the_frame_too(chromium: Chromium, place: Place) -> None:
    photo = FilePayload(name="a.png", mimeType="image/png", buffer=picture("PNG", (400, 300)))
    paper = FilePayload(name="a.pdf", mimeType="application/pdf", buffer=PDF)
    async with visiting(chromium, place.allowed.url) as page:
        await bubble(page).click()
        await ask(page, "我有截图")
        await expect(chat(page).locator(".said")).to_have_count(1)
        await chat(page).locator("#file").set_input_files(photo)
        shot = chat(page).locator(".mine img.shot")
        await expect(shot).to_have_js_property("naturalWidth", 400)
        await page.reload()
        await expect(shot).to_have_js_property("naturalWidth", 400)
        await chat(page).locator("#file").set_input_files(paper)
        async with page.expect_download() as download:
            await chat(page).locator("a.file").click()
        assert (await download.value).suggested_filename.endswith(".pdf")


async def test_it_is_opened_used_and_closed_by_keyboard(chromium: Chromium, place: Place) -> None:
    async with visiting(chromium, place.allowed.url) as page:
        await expect(bubble(page)).to_have_accessible_name("在线客服")
        await page.keyboard.press("Tab")
        await expect(bubble(page)).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(chat(page).locator("#text")).to_be_focused()
        await expect(page.get_by_title("在线客服对话")).to_be_visible()
        await page.keyboard.type("你好")
        await page.keyboard.press("Enter")
        await expect(chat(page).locator(".said")).to_have_count(1)
        await page.keyboard.press("Escape")
        await expect(bubble(page)).to_be_focused()
        await expect(bubble(page)).to_have_attribute("aria-expanded", "false")


async def test_what_comes_while_it_is_closed_is_counted_on_the_bubble(chromium: Chromium, place: Place) -> None:
    async with visiting(chromium, place.allowed.url) as page:
        await bubble(page).click()
        await ask(page, "人工")
        await expect(chat(page).locator(".said")).to_have_count(1)
        await chat(page).get_by_role("button", name="收起对话").click()
        await place.site.staff_says("第一句")
        await expect(bubble(page)).to_have_accessible_name("在线客服，1 条新消息")
        await bubble(page).click()
        await expect(bubble(page)).to_have_accessible_name("收起对话")
        await expect(bubble(page)).to_have_text("0")


async def test_on_a_phone_it_fills_the_screen_and_its_look_is_kept(chromium: Chromium, place: Place) -> None:
    async with visiting(chromium, place.allowed.url, PHONE) as page:
        await bubble(page).click()
        await expect(chat(page).locator("#text")).to_be_focused()
        assert await page.locator("iframe").bounding_box() == {"x": 0, "y": 0, "width": 375, "height": 667}
        await expect(bubble(page)).to_be_hidden()
        await chat(page).locator("summary").click()
        await chat(page).get_by_role("link", name="深色").click()
        await expect(chat(page).locator("html")).to_have_attribute("data-theme", "dark")
        assert await chat(page).locator("html").evaluate("page => page.scrollWidth") <= 375
        await page.reload()
        await bubble(page).click()
        await expect(chat(page).locator("html")).to_have_attribute("data-theme", "dark")


async def test_the_frames_page_alone_works_and_falls_silent(chromium: Chromium, place: Place) -> None:
    async with visiting(chromium, f"{place.allowed.chat}/chat/frame") as page:
        await page.evaluate("heard = 0; addEventListener('message', () => { heard += 1; })")
        await page.fill("#text", "股票几点开盘")
        await page.press("#text", "Enter")
        await expect(page.locator(".said .text").last).to_have_text(HOURS)
        assert await page.evaluate("heard") == 0


async def test_a_site_that_is_not_named_gets_neither_bubble_nor_frame(chromium: Chromium, place: Place) -> None:
    async with visiting(chromium, "about:blank") as page:
        async with page.expect_console_message(lambda message: "允许嵌入" in message.text):
            await page.goto(place.stranger.url)
        assert await bubble(page).count() == 0
        async with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            await page.goto(f"{place.stranger.url}/by-hand")
        assert await chat(page).locator("#text").count() == 0
