"""Tables brought in on the console: sent in, tried, taken, their bad rows fetched, and listed afterwards."""

import re

import httpx
import pytest
from sqlalchemy import func, select

from bot.vocabulary import Locale
from services.holdings import figures
from services.imports import files as rules
from services.imports.importer import Importer
from services.imports.nouns import KINDS, noun
from services.tables import rejections
from services.tables.cells import Fault
from storage.models import ClientRow
from storage.repositories import import_files
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import HEAD, SERVICE, Stand
from tests.packaged import words as packaged

PAGE = "/console/imports"
TABLE = "内部号,姓名,手机号,备注\nA1,司马晓岚,13800138000,x\nA2,王一,+1,\n"
CHOSEN = {"column-0": "number", "column-1": "name", "column-2": "phone", "column-3": ""}


async def send(person: Person, content: bytes, kind: str = "client", key: str = "u1") -> httpx.Response:
    """Send a file in."""
    fields = {"csrf": person.csrf, "key": key, "kind": kind}
    return await person.http.post(f"{PAGE}/upload", data=fields, files={"table": ("客户.csv", content, "text/csv")})


async def work(branch: Stand) -> None:
    """Do what the worker does."""
    assert await Importer(branch.console.imports, rejections.catalogue()).work()


def sign_of(page: httpx.Response) -> str:
    """The sign of the trial that a page shows."""
    return page.text.split('name="tried" value="')[1].partition('"')[0]


async def clients(branch: Stand) -> int:
    counted = select(func.count()).select_from(ClientRow)
    return await branch.database.read(lambda unit: unit.session.scalar(counted)) or 0


async def test_a_file_is_sent_in_tried_taken_and_listed(branch: Stand, sign_in: SignIn) -> None:
    head = await sign_in(HEAD)
    sent = await send(head, TABLE.encode("gbk"))
    place = sent.headers["location"]
    shown = await head.get(place)
    assert re.findall(r'<label for="column-\d">([^<]+)', shown.text) == ["内部号", "姓名", "手机号", "备注"]
    assert 'value="name" selected' in shown.text
    lacking = await head.post(f"{place}/check", key="c0", **{**CHOSEN, "column-0": ""})
    assert (lacking.status_code, "没有一列是“客户号”" in words(lacking)) == (422, True)
    assert (await head.post(f"{place}/check", key="c1", name="柜台", **CHOSEN)).status_code == 303
    running = await head.get(place)
    assert 'hx-trigger="every 1s"' in running.text
    assert "已处理 0 / 2 行" in words(running)
    await work(branch)
    tried = await head.get(place)
    assert ("hx-trigger" in tried.text, "3 手机号 写法不对" in words(tried), await clients(branch)) == (False, True, 2)
    assert "正式导入 1 行" in words(tried)
    assert "王一" not in tried.text
    assert (await head.post(f"{place}/take", key="t0", tried="another")).status_code == 409
    for _ in range(2):
        assert (await head.post(f"{place}/take", key="t1", tried=sign_of(tried))).status_code == 303
    await work(branch)
    assert ("导入结果" in words(await head.get(place)), await clients(branch)) == (True, 3)
    rejected = await head.get(f"{place}/rejected.csv")
    assert rejected.content.decode("utf-8-sig").splitlines()[1] == "3,手机号：写法不对,A2,王一,'+1,"
    listed = await head.get(PAGE)
    assert "客户 周明远 1 0 0 1 已完成" in words(listed)
    assert f'href="{place}"' in listed.text


async def test_a_saved_mapping_fits_the_next_file_and_a_file_can_be_dropped(branch: Stand, sign_in: SignIn) -> None:
    head = await sign_in(HEAD)
    first = (await send(head, TABLE.encode())).headers["location"]
    await head.post(f"{first}/check", key="c1", name="柜台", **{**CHOSEN, "column-3": "region"})
    await work(branch)
    second = (await send(head, TABLE.encode(), key="u2")).headers["location"]
    fitting = await head.get(f"{second}?mapping=柜台")
    assert len(re.findall(r'value="(?:number|name|phone|region)" selected', fitting.text)) == 4
    assert (await head.get(f"{second}?mapping=无")).status_code == 422
    assert (await head.post(f"{second}/drop", key="d2")).headers["location"] == PAGE
    assert (await head.get(second)).status_code == 404
    assert "已试运行" in words(await head.get(PAGE))


WRONG = (
    (b"", "client", "请选择一个有内容的文件"),
    ("客户号,姓名\n".encode(), "client", "只有表头"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "client", "不是可读的"),
    (b"x" * 401, "holding", "文件超过"),
    (b"a,b\n1,2\n", "house", "表单无法识别"),
)


async def test_what_cannot_be_imported_is_told_and_not_kept(
    branch: Stand, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "LARGEST", 400)
    head = await sign_in(HEAD)
    for content, kind, said in WRONG:
        answer = await send(head, content, kind, said)
        assert (answer.status_code, said in words(answer)) == (422, True)
    assert await branch.database.read(import_files.unfinished) == []


async def test_a_table_of_holdings_says_of_whom_it_tells(branch: Stand, sign_in: SignIn) -> None:
    head = await sign_in(HEAD)
    table = "客户号,日期,证券代码,数量,市值\nC1,2026-11-20,600519,1,5\nC2,2026-11-20,600519,1,5\n"
    places = {"column-0": "number", "column-1": "on", "column-2": "code", "column-3": "quantity", "column-4": "value"}
    for number, (day, rows, warned) in enumerate((("20", 3, False), ("21", 2, True))):
        text = "\n".join(table.replace("-20", f"-{day}").splitlines()[:rows])
        place = (await send(head, text.encode(), "holding", f"u{number}")).headers["location"]
        silent = await head.post(f"{place}/check", key=f"a{number}", **places)
        assert (silent.status_code, "请选择这张持仓表" in words(silent)) == (422, True)
        await head.post(f"{place}/check", key=f"b{number}", extent="branch", **places)
        await work(branch)
        tried = await head.get(place)
        assert ("有 1 位此前有持仓的客户不在表中" in words(tried)) is warned
        await head.post(f"{place}/take", key=f"c{number}", tried=sign_of(tried))
        await work(branch)
        await figures.refresh(branch.database, branch.clock.now())


async def test_a_list_tells_before_it_is_taken_who_would_leave_it(branch: Stand, sign_in: SignIn) -> None:
    head, columns = await sign_in(HEAD), {"column-0": "list", "column-1": "number"}
    for number, (client, leave) in enumerate((("C1", False), ("C2", True))):
        table = f"名单,客户号\n沙龙,{client}\n"
        place = (await send(head, table.encode(), "segment_list", f"u{number}")).headers["location"]
        await head.post(f"{place}/check", key=f"a{number}", **columns)
        await work(branch)
        tried = await head.get(place)
        assert ("有 1 位名单上的客户不在表中" in words(tried), "正式导入 1 行" in words(tried)) == (leave, True)
        await head.post(f"{place}/take", key=f"b{number}", tried=sign_of(tried))
        await work(branch)
    listed = await head.get("/console/segments")
    assert ("沙龙 固定名单" in words(listed), f'href="{PAGE}"' in listed.text) == (True, True)


async def test_a_file_can_be_tried_again_and_says_why_it_stopped(branch: Stand, sign_in: SignIn) -> None:
    head = await sign_in(HEAD)
    place = (await send(head, "客户号,日期,资金余额\nC1,2026-11-20,5\n".encode(), "balance")).headers["location"]
    columns = {"column-0": "number", "column-1": "on", "column-2": "cash"}
    await head.post(f"{place}/check", key="c1", **columns)
    late = await head.post(f"{place}/check", key="c2", **columns)
    assert late.status_code == 409
    branch.console.imports.store.items.clear()  # type: ignore[attr-defined]
    await work(branch)
    assert "文件已不在，请重新上传" in words(await head.get(place))
    assert (await head.post(f"{place}/check", key="c3", **columns)).status_code == 303
    service = await sign_in(SERVICE)
    assert (await send(service, TABLE.encode())).status_code == 403


def test_every_kind_field_and_fault_has_a_word() -> None:
    known = packaged("imports").of(Locale.EN).strings.keys()
    wanted = {f"kind.{kind}" for kind in KINDS} | {f"field.{name}" for kind in KINDS for name in noun(kind).fields}
    assert wanted | {f"fault.{fault}" for fault in Fault} | {"field.row"} <= known
