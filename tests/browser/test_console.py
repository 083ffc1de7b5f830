"""The console in a real browser: what only a browser can show."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import FilePayload, Page, Route, expect
from sqlalchemy import select

from bot.clock import SystemClock
from bot.live import CLIENT_TYPING, STAFF_TYPING
from bot.vocabulary import ChannelKind
from services.imports.importer import Importer
from services.tables import rejections
from storage.models import DeliveryRow
from tests.chromium import PHONE, Chromium
from tests.console.bench import stock
from tests.console.stand import HEAD, PASSWORD, SERVICE, Stand, stand
from tests.console.stand import PHONE as CLEAR
from tests.console.test_clients import address

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABLE = "内部号,姓名,手机号\nA1,司马晓岚,13800138000\nA2,王一,+1\n".encode()

COMPOSING = """box => {
  const press = (init) => box.dispatchEvent(new KeyboardEvent("keydown",
    { key: "Enter", bubbles: true, cancelable: true, ...init }));
  box.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
  press({ isComposing: true });
  press({ keyCode: 229 });
  box.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  press({});
}"""


@dataclass
class Desk:
    """A running console and its address."""

    stand: Stand
    url: str

    async def said(self, number: int) -> list[str]:
        """What staff have written in a conversation."""
        wanted = select(DeliveryRow.text).where(
            DeliveryRow.conversation_id == number, DeliveryRow.text_key == "staff_message"
        )
        return await self.stand.database.read(lambda unit: [text or "" for text in unit.session.scalars(wanted)])


@asynccontextmanager
async def serving(standing: Stand) -> AsyncIterator[str]:
    config = uvicorn.Config(standing.app, port=0, log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by a flag only
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/console"
    await standing.console.live.close()
    server.should_exit = True
    await running


@pytest_asyncio.fixture(loop_scope="session")
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    """A console that a browser can open."""
    with stand(sqlite_url, SystemClock()) as standing:
        async with serving(standing) as url:
            yield Desk(standing, url)


async def signed_in(page: Page, desk: Desk, path: str = "", number: str = SERVICE) -> None:
    await page.goto(f"{desk.url}/login?next=/console{path}")
    await page.get_by_role("button", name=number).click()
    await page.wait_for_selector("#main")


async def taken(page: Page, desk: Desk, kind: ChannelKind = ChannelKind.RECORDING) -> int:
    """A conversation that the reader of the page has taken, open in it."""
    number = await desk.stand.wait("转账转不出来", kind=kind)
    await signed_in(page, desk, f"/conversations/{number}")
    await page.get_by_role("button", name="接入", exact=True).click()
    await expect(page.get_by_text("人工：何思齐").first).to_be_visible()
    return number


async def test_signing_in_fails_locks_and_tells_no_more(desk: Desk, chromium: Chromium) -> None:
    page = await chromium.page()
    await page.goto(f"{desk.url}/login")
    for _ in range(6):
        await page.get_by_label("工号").fill(SERVICE)
        await page.get_by_label("密码").fill("nicht-das-wort")
        await page.get_by_role("button", name="登录", exact=True).click()
        await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_role("alert")).to_contain_text("已锁定至")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("已锁定至")


async def test_a_reply_reaches_the_database_once(desk: Desk, chromium: Chromium) -> None:
    page = await chromium.page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    number = await taken(page, desk)
    box = page.get_by_placeholder("输入要回复客户的话")
    await box.fill("正在为您核实")
    await page.get_by_role("button", name="发送", exact=True).dblclick()
    await expect(page.locator(".q-staff .q-bubble", has_text="正在为您核实")).to_be_visible()
    await expect(box).to_have_value("")
    await box.fill("已经为您处理")
    await box.press("Enter")
    await expect(page.locator(".q-staff .q-bubble", has_text="已经为您处理")).to_be_visible()
    assert await desk.said(number) == ["正在为您核实", "已经为您处理"]
    assert faults == []


async def test_enter_under_an_input_method_sends_nothing(desk: Desk, chromium: Chromium) -> None:
    page = await chromium.page()
    number = await taken(page, desk)
    box = page.get_by_placeholder("输入要回复客户的话")
    await box.fill("您好")
    await box.evaluate(COMPOSING)
    await expect(box).to_have_value("您好")
    assert await desk.said(number) == []
    await box.press("Enter")
    await expect(box).to_have_value("")
    assert await desk.said(number) == ["您好"]


async def test_a_draft_survives_live_changes_and_a_reload(desk: Desk, chromium: Chromium) -> None:
    page = await chromium.page()
    number = await taken(page, desk)
    box = page.get_by_placeholder("输入要回复客户的话")
    await box.fill("写到一半的回复")
    await expect(page.get_by_text("草稿已保存")).to_be_visible()
    await desk.stand.hear(number, "还在吗")
    await expect(page.locator(".q-heard .q-bubble", has_text="还在吗")).to_be_visible()
    await expect(box).to_have_value("写到一半的回复")
    await page.reload()
    await expect(box).to_have_value("写到一半的回复")


async def test_both_sides_see_that_the_other_is_typing(desk: Desk, chromium: Chromium) -> None:
    page, live = await chromium.page(), desk.stand.console.live
    heard = live.subscribe(STAFF_TYPING)
    number = await taken(page, desk, ChannelKind.WEBCHAT)
    await page.get_by_placeholder("输入要回复客户的话").press_sequentially("您好")
    assert await heard.next(5.0) == f"{STAFF_TYPING}:{number}"
    await expect(page.get_by_text("实时", exact=True)).to_be_visible()
    live.publish([f"{CLIENT_TYPING}:{number}"])
    await expect(page.get_by_text("客户正在输入")).to_be_visible()
    await desk.stand.hear(number, "还在吗")
    await expect(page.locator(".q-heard .q-bubble", has_text="还在吗")).to_be_visible()
    await expect(page.get_by_text("客户正在输入")).to_be_hidden()


async def test_a_waiting_client_appears_without_a_reload(desk: Desk, chromium: Chromium) -> None:
    page = await chromium.page()
    await signed_in(page, desk, "/conversations")
    await expect(page.get_by_text("实时", exact=True)).to_be_visible()
    await desk.stand.wait("转账转不出来")
    await expect(page.locator(".q-threads li")).to_have_count(1)


async def test_a_phone_shows_each_page_without_sideways_scrolling(desk: Desk, chromium: Chromium) -> None:
    page = await chromium.page(PHONE)
    number, ticket = await desk.stand.wait("转账转不出来"), await desk.stand.complaint("产品不合适")
    await signed_in(page, desk)
    paths = ["", "/conversations", f"/conversations/{number}", "/tickets", f"/tickets/{ticket}", "/clients", "/more"]
    paths += ["/knowledge", "/knowledge/misses", "/reports/knowledge"]
    for path in paths:
        await page.goto(desk.url + path)
        wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, path
    await page.goto(f"{desk.url}/conversations/{number}")
    await page.get_by_role("button", name="接入", exact=True).click()
    await page.get_by_placeholder("输入要回复客户的话").fill("您好")
    button = page.get_by_role("button", name="发送", exact=True)
    assert ((await button.bounding_box()) or {"height": 0})["height"] >= 44
    await button.click()
    await expect(page.locator(".q-staff .q-bubble", has_text="您好").last).to_be_visible()


async def brings_in(page: Page, desk: Desk) -> None:
    """A table with a bad row: sent in, tried before the reader's eyes, and what is good of it taken."""
    worker = Importer(desk.stand.console.imports, rejections.catalogue())
    await page.goto(f"{desk.url}/imports")
    await page.set_input_files("#table", files=[FilePayload(name="客户.csv", mimeType="text/csv", buffer=TABLE)])
    await page.locator("form[action$='/upload'] button").click()
    await page.locator("select[name=column-0]").select_option("number")
    await page.locator("form[action$='/check'] button").click()
    await expect(page.locator("progress")).to_be_visible()
    assert await worker.work()
    await expect(page.get_by_text("写法不对")).to_be_visible()
    await page.locator("form[action$='/take'] button").click()
    await expect(page.locator("progress")).to_be_visible()
    assert await worker.work()
    await page.reload()
    await expect(page.get_by_text("导入结果")).to_be_visible()


async def builds(page: Page, desk: Desk) -> None:
    """A segment: the count and the sentence follow what is chosen."""
    await page.goto(f"{desk.url}/segments/new")
    await expect(page.locator("#segment-count")).to_have_text("3")
    await page.locator("select[name='field-0.0']").select_option("tag")
    await page.locator("input[name='value-0.0']").fill("基金定投")
    await expect(page.locator("#segment-count")).to_have_text("1")
    await expect(page.locator(".q-reads")).to_contain_text("带有标签“基金定投”")
    await page.locator("#name").fill("定投客户")
    await page.locator("button[formaction$='/save']").click()
    await expect(page.get_by_role("link", name="定投客户")).to_be_visible()


async def test_a_table_with_errors_a_segment_and_a_phone_seen_for_a_reason(desk: Desk, chromium: Chromium) -> None:
    page = await chromium.page()
    await signed_in(page, desk, "/imports", HEAD)
    await brings_in(page, desk)
    await builds(page, desk)
    await page.goto(f"{desk.url}/clients/{(await address(desk.stand)).rsplit('/', 1)[-1]}")
    await expect(page.get_by_text(CLEAR)).to_have_count(0)
    phone = page.locator("details", has=page.locator("input[name=field][value=phone]"))
    await phone.locator("summary").click()
    await phone.locator("input[value=contact]").check()
    await phone.locator("form button").click()
    await expect(page.get_by_text(CLEAR)).to_be_visible()


async def test_an_entry_is_tried_while_typing_and_what_is_typed_is_kept(desk: Desk, chromium: Chromium) -> None:
    await stock(desk.stand)
    page = await chromium.page()
    await signed_in(page, desk, "/knowledge/entries/hours")
    await page.get_by_role("button", name="修改", exact=True).click()
    await page.locator("#answer").fill("写了一半的答案")
    await page.get_by_placeholder("例如：创业板怎么开").press_sequentially("股票几点开盘")
    await expect(page.locator("#tried")).to_contain_text("最接近的问法")
    await expect(page.get_by_text("草稿已保存")).to_be_visible()
    await page.reload()
    await expect(page.locator("#answer")).to_have_value("写了一半的答案")
    await page.get_by_role("button", name="保存草稿", exact=True).click()
    await expect(page.get_by_text("已恢复你未保存的输入")).to_have_count(0)
    await expect(page.locator("#answer")).to_have_value("写了一半的答案")


async def test_what_was_typed_before_the_scripts_came_is_tried_and_kept(desk: Desk, chromium: Chromium) -> None:
    await stock(desk.stand)
    page = await chromium.page()
    await signed_in(page, desk, "/knowledge/entries/fees")
    await page.get_by_role("button", name="修改", exact=True).click()
    await expect(page.locator("#answer")).to_be_visible()
    typed = asyncio.Event()

    async def slow(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    for script in ("console.js", "htmx.min.js"):
        await page.route(f"**/{script}*", slow)
    await page.reload(wait_until="commit")
    await page.locator("#answer").fill("脚本还没有到")
    await page.get_by_placeholder("例如：创业板怎么开").fill("股票几点开盘")
    typed.set()
    await expect(page.locator("#tried")).to_contain_text("最接近的问法")
    await expect(page.get_by_text("草稿已保存")).to_be_visible()


async def test_an_expired_sign_in_keeps_the_page_and_its_text(desk: Desk, chromium: Chromium) -> None:
    page = await chromium.page()
    number = await taken(page, desk)
    box = page.get_by_placeholder("输入要回复客户的话")
    await box.fill("还没有发出去的话")
    cookies = [cookie for cookie in await page.context.cookies() if cookie.get("name") != "quanfu_staff"]
    await page.context.clear_cookies()
    await page.context.add_cookies([{"name": c["name"], "value": c["value"], "url": desk.url} for c in cookies])
    await box.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(box).to_have_value("还没有发出去的话")
    other = await page.context.new_page()
    await signed_in(other, desk)
    await page.get_by_role("button", name="已登录，继续").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await box.press("Enter")
    await expect(box).to_have_value("")
    assert await desk.said(number) == ["还没有发出去的话"]
