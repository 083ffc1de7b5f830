"""The chat page in a real browser: what a client sees and does."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Page, ViewportSize, expect

from bot.live import CLIENT_TYPING, STAFF_TYPING
from tests.bot.webchat.site import HOURS, Site, listening, opened, served
from tests.chromium import Chromium
from tests.pictures import HTML, picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

SMALL = ViewportSize(width=375, height=667)


@pytest_asyncio.fixture(loop_scope="session")
async def site(sqlite_url: str) -> AsyncIterator[Site]:
    async with opened(sqlite_url) as ready:
        yield ready


@pytest_asyncio.fixture(loop_scope="session")
async def address(site: Site) -> AsyncIterator[str]:
    async with served(site) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Chromium, address: str) -> AsyncIterator[Page]:
    """The page on a phone; a fault in its console fails the test."""
    opened_page = await chromium.page(SMALL)
    faults: list[str] = []
    opened_page.on("pageerror", lambda error: faults.append(str(error)))
    await opened_page.goto(address)
    yield opened_page
    assert faults == []
    await opened_page.context.close()


async def ask(page: Page, text: str) -> None:
    """Type and press Enter."""
    await page.fill("#text", text)
    await page.press("#text", "Enter")


async def test_a_question_is_answered_and_stays_after_a_reload(page: Page) -> None:
    await ask(page, "股票几点开盘")
    await expect(page.locator(".said .text").last).to_have_text(HOURS)
    await expect(page.locator("#text")).to_be_focused()
    await page.reload()
    await expect(page.locator(".mine .text")).to_have_text("股票几点开盘")
    await expect(page.locator("#history .said .text")).to_have_text(HOURS)


async def test_a_chip_is_a_button_used_once(page: Page, site: Site) -> None:
    await ask(page, "银证转账")
    chip = page.get_by_role("button", name="银证转账有限额吗？")
    await chip.click()
    await expect(page.locator(".said .text").last).to_have_text("交易日 8:30–16:00 可以办理银证转账。")
    await expect(chip).to_be_disabled()
    assert [turn.choice for turn in site.stand.script.turns] == [None, "faq:limit"]


async def test_a_greeting_chip_asks(page: Page) -> None:
    await page.get_by_role("button", name="股票几点开盘").click()
    await expect(page.locator(".said .text").last).to_have_text(HOURS)


async def test_what_staff_write_appears_by_itself_also_in_a_tab_that_was_empty(page: Page, site: Site) -> None:
    other = await page.context.new_page()
    await other.goto(page.url)
    await ask(page, "人工")
    for tab in (page, other):
        await expect(tab.locator("#log .text")).to_have_text(["人工", "收到：人工"])
    await site.staff_says("您好，请讲。")
    for tab in (page, other):
        await expect(tab.locator("#log .text")).to_have_text(["人工", "收到：人工", "您好，请讲。"])


async def test_a_picture_is_chosen_sent_and_seen(page: Page) -> None:
    photo = FilePayload(name="a.png", mimeType="image/png", buffer=picture("PNG", (400, 300)))
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="上传图片或文件").click()
    await (await chooser.value).set_files(photo)
    await expect(page.locator(".said .text").last).to_have_text("收到：")
    shot = page.locator(".mine img.shot")
    await expect(shot).to_have_js_property("naturalWidth", 400)
    await expect(page.locator("#log .line").first).to_have_class("line mine")
    await page.reload()
    await expect(shot).to_have_js_property("naturalWidth", 400)


async def test_a_file_that_is_refused_says_why_and_leaves_the_rest_alone(page: Page, site: Site) -> None:
    await page.set_input_files("#file", FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=HTML))
    await expect(page.locator(".state.bad")).to_contain_text("不安全")
    await ask(page, "人工")
    await expect(page.locator(".said .text")).to_have_text("收到：人工")
    assert len(await site.stand.inbox()) == 1


async def test_enter_while_composing_sends_nothing_and_the_next_one_sends_once(page: Page, site: Site) -> None:
    await page.fill("#text", "开盘")
    composing = {"key": "Enter", "bubbles": True, "cancelable": True}
    await page.dispatch_event("#text", "compositionstart")
    await page.dispatch_event("#text", "keydown", {**composing, "isComposing": True})
    await page.dispatch_event("#text", "keydown", {**composing, "keyCode": 229})
    await page.evaluate(
        "box => { box.dispatchEvent(new CompositionEvent('compositionend', {data: '开盘'}));"
        " box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})); }",
        await page.query_selector("#text"),
    )
    assert await page.input_value("#text") == "开盘"
    assert await page.locator(".mine").count() == 0
    await page.press("#text", "Enter")
    await expect(page.locator(".said")).to_have_count(1)
    assert [text for _, text in await site.stand.inbox()] == ["开盘"]


async def test_shift_enter_is_a_new_line(page: Page) -> None:
    await page.fill("#text", "一")
    await page.press("#text", "Shift+Enter")
    assert await page.input_value("#text") == "一\n"


async def test_a_cut_network_loses_and_doubles_nothing(page: Page, site: Site) -> None:
    await ask(page, "第零句")
    await expect(page.locator(".said")).to_have_count(1)
    await page.context.set_offline(True)
    await ask(page, "第一句")
    await ask(page, "第二句")
    await expect(page.locator("#offline")).to_be_visible()
    await expect(page.locator(".mine .state").first).to_have_text("待发送")
    await site.staff_says("断网时的话")
    await page.context.set_offline(False)
    await expect(page.locator(".said")).to_have_count(4)
    await expect(page.locator("#offline")).to_be_hidden()
    await expect(page.locator(".said .text", has_text="断网时的话")).to_have_count(1)
    assert [text for _, text in await site.stand.inbox()] == ["第零句", "第一句", "第二句"]


RESTART = 60_000
"""Milliseconds: the page waits longer and longer before it asks again."""


async def test_a_restarted_server_is_found_again_and_nothing_is_lost(chromium: Chromium, sqlite_url: str) -> None:
    page = await chromium.page(SMALL)
    async with opened(sqlite_url) as before, served(before) as address:
        await page.goto(address)
        await ask(page, "人工")
        await expect(page.locator(".said")).to_have_count(1)
        async with page.expect_request("**/chat/stream", timeout=RESTART):
            await before.live.close()
    async with opened(sqlite_url) as after:
        await after.staff_says("重启时的话")
        async with listening(after.app, urlsplit(address).port or 0):
            await expect(page.locator(".said .text").last).to_have_text("重启时的话", timeout=RESTART)
            await ask(page, "重启后")
            await expect(page.locator(".said .text")).to_have_text(["收到：人工", "重启时的话", "收到：重启后"])
            await after.live.close()
    await page.context.close()


async def test_dots_show_while_an_answer_takes_long(page: Page, site: Site) -> None:
    site.stand.script.gate.clear()
    await ask(page, "慢")
    await expect(page.locator("#typing")).to_be_visible()
    site.stand.script.gate.set()
    await expect(page.locator(".said")).to_have_count(1)
    await expect(page.locator("#typing")).to_be_hidden()


async def test_a_person_and_the_client_see_each_other_typing(page: Page, site: Site) -> None:
    heard, dots = site.live.subscribe(CLIENT_TYPING), page.locator("#typing")
    await ask(page, "人工")
    await expect(page.locator(".said")).to_have_count(1)
    await site.staff_takes_over()
    await site.staff_says("您好")
    await expect(page.locator(".staff .text")).to_have_text("您好")
    site.live.publish([f"{STAFF_TYPING}:{await site.conversation()}"])
    await expect(dots).to_be_visible()
    await site.staff_says("请讲")
    await expect(page.locator(".staff")).to_have_count(2)
    await expect(dots).to_be_hidden()
    await page.press("#text", "a")
    assert await heard.next(5.0) == f"{CLIENT_TYPING}:{await site.conversation()}"


async def test_half_a_text_survives_a_reload(page: Page) -> None:
    await page.fill("#text", "打了一半")
    await page.reload()
    assert await page.input_value("#text") == "打了一半"


@pytest.mark.parametrize("size", ["100", "150"])
async def test_nothing_scrolls_sideways_on_a_phone_and_targets_are_large(page: Page, address: str, size: str) -> None:
    await page.goto(f"{address}/chat/look?size={size}")
    await ask(page, "银证转账 " + "https://example.test/" + "x" * 200)
    await expect(page.locator(".said")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 375
    heights = await page.evaluate("[...document.querySelectorAll('.chip, .send, summary')].map(b => b.offsetHeight)")
    assert min(heights) >= 44


async def test_a_long_talk_scrolls_in_its_own_place(page: Page) -> None:
    for _ in range(6):
        await ask(page, "长" * 200)
    await expect(page.locator(".said")).to_have_count(6)
    assert await page.evaluate("document.documentElement.scrollHeight - window.innerHeight") <= 0


async def test_a_long_answer_is_folded(page: Page, site: Site) -> None:
    await ask(page, "长" * 400)
    await expect(page.get_by_role("button", name="展开全文")).to_be_visible()
    await page.get_by_role("button", name="展开全文").click()
    await expect(page.get_by_role("button", name="收起")).to_be_visible()


async def test_only_new_lines_are_announced(page: Page) -> None:
    await ask(page, "你好")
    await expect(page.locator(".said")).to_have_count(1)
    await page.reload()
    await expect(page.locator("#history .said")).to_have_count(1)
    await expect(page.get_by_role("log")).to_be_empty()


async def test_it_works_without_script(chromium: Chromium, address: str) -> None:
    context = await chromium.browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await page.goto(address)
    await page.fill("#text", "银证转账")
    await page.click("#send")
    await page.get_by_role("button", name="银证转账有限额吗？").click()
    await expect(page.locator(".said .text").last).to_have_text("交易日 8:30–16:00 可以办理银证转账。")
    await context.close()


async def test_dark_and_english_are_kept(chromium: Chromium, page: Page, address: str) -> None:
    await page.click("summary")
    await page.get_by_role("link", name="深色").click()
    await page.click("summary")
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
