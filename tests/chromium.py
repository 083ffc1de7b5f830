"""A real browser for tests: the system's Chromium, with a watch on the hosts it asks."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Route, ViewportSize, async_playwright, expect

HOW_TO_GET_IT = "no Chromium: install it (Debian: apt-get install chromium fonts-noto-cjk) or set CHROMIUM"
DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
]
PATIENCE = 20_000
"""Milliseconds that a page may take to show what a test waits for: a busy machine is slow, not wrong."""
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}
LOCAL_SCHEMES = {"about", "blob", "data"}

expect.set_options(timeout=PATIENCE)


def program() -> Path | None:
    """Where Chromium is, if it is there."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    found = (shutil.which(name) for name in candidates)
    return next((Path(path) for path in found if path), None)


def is_foreign(address: str) -> bool:
    """Whether a page would have to ask another machine for this address."""
    parts = urlsplit(address)
    return parts.scheme not in LOCAL_SCHEMES and parts.hostname not in LOCAL_HOSTS


@dataclass
class Chromium:
    """A running browser. Every page has cookies of its own; `foreign` collects what was asked of others."""

    browser: Browser
    foreign: list[str] = field(default_factory=list)

    async def page(self, size: ViewportSize = DESK, locale: str = "zh-CN") -> Page:
        """A page as a client or a member of staff in China has it."""
        context = await self.browser.new_context(viewport=size, locale=locale, timezone_id="Asia/Shanghai")
        await context.route(is_foreign, self._refuse)
        return await context.new_page()

    async def close(self) -> None:
        """Close every page."""
        for context in self.browser.contexts:
            await context.close()

    async def _refuse(self, route: Route) -> None:
        self.foreign.append(route.request.url)
        await route.abort()


@asynccontextmanager
async def launched(path: Path) -> AsyncIterator[Browser]:
    """The browser, closed afterwards."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()
