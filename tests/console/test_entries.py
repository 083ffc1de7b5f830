"""The knowledge base's pages: list, editor, versions, review, publication, and the box that tries questions."""

from dataclasses import replace

import pytest
from starlette.requests import Request

from bot.errors import Refused
from bot.vocabulary.knowledge import EditionState
from console.faults import say
from console.reader import Reader
from services.knowledge.contents import Content
from services.knowledge.files import Record, records
from storage.repositories import drafts
from tests.console.bench import KNOWLEDGE, form, history, newest, press, publishing, states, stock
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import ADVISER, COMPLIANCE, HEAD, RM, SERVICE, VISITOR, Stand
from tests.services.knowledge.bureau import FEES, HOURS

DRAFT, REVIEWED, PUBLISHED = EditionState.DRAFT, EditionState.REVIEWED, EditionState.PUBLISHED
REPLACED, RETIRED = EditionState.REPLACED, EditionState.RETIRED
CHANGED = replace(FEES, answer="按成交金额的万分之几收取。", phrasings=(*FEES.phrasings, "交易要花多少钱"))


THIEF = replace(
    HOURS, question="请问几点开盘", phrasings=("请问一下几点开盘", "几点开盘呀", "到底几点开盘", "几点开盘呢")
)
"""Asks in its own words what another entry answers."""


@pytest.fixture
async def writer(branch: Stand, sign_in: SignIn) -> Person:
    await stock(branch)
    return await sign_in(SERVICE)


async def page(person: Person, path: str = "") -> str:
    return words(await person.get(f"{KNOWLEDGE}{path}"))


async def begin(person: Person, entry_id: str = "fees") -> int:
    return (await person.post(f"{KNOWLEDGE}/entries/{entry_id}/begin", key="b")).status_code


async def save(person: Person, branch: Stand, content: Content = CHANGED) -> int:
    return await press(person, branch, "fees", "save", **form(content))


async def test_the_list_has_views_categories_and_a_search(branch: Stand, writer: Person) -> None:
    assert "共 3 条" in await page(writer)
    assert "共 1 条" in await page(writer, "?category=fees")
    found = await page(writer, "?text=手续费")
    assert [FEES.question in found, HOURS.question in found] == [True, False]
    await begin(writer)
    assert "共 1 条" in await page(writer, "?view=draft")
    assert "没有符合条件的条目" in await page(writer, "?view=overdue&category=nothing&text=zzz")


async def test_what_the_list_shows_is_downloaded_and_reads_back(branch: Stand, writer: Person, sign_in: SignIn) -> None:
    await begin(writer)
    assert await save(writer, branch) == 303
    assert "/console/knowledge.xlsx?view=all&amp;text=%E6%89%8B" in (await writer.get(f"{KNOWLEDGE}?text=手")).text
    file = (await writer.get(f"{KNOWLEDGE}.xlsx?category=fees")).content
    (record,) = [one for one in records(file) if isinstance(one, Record)]
    assert record.cells["answer"].texts[0][0] == FEES.answer
    assert len(list(records((await writer.get(f"{KNOWLEDGE}.xlsx")).content))) == 3
    assert (await (await sign_in(RM)).get(f"{KNOWLEDGE}.xlsx")).status_code == 403


async def test_an_entry_lives_from_draft_to_retirement(branch: Stand, writer: Person, sign_in: SignIn) -> None:
    adviser, head = await sign_in(ADVISER), await sign_in(HEAD)
    assert await begin(writer) == 303
    assert await save(writer, branch) == 303
    assert (await newest(branch, "fees")).content == CHANGED
    assert await press(writer, branch, "fees", "review") == 403
    assert await press(adviser, branch, "fees", "review") == 303
    answer = await head.post(await publishing(branch, "fees"))
    assert answer.status_code == 303
    assert await states(branch, "fees") == [PUBLISHED, REPLACED]
    retiring = f"{KNOWLEDGE}/publish?retire=fees"
    assert (await head.post(retiring, key="k2")).status_code == 422
    assert (await head.post(retiring, key="k3", text="业务已停办")).status_code == 303
    assert await states(branch, "fees") == [RETIRED, REPLACED]
    assert "共 1 条" in await page(head, "?view=retired")


async def test_two_who_write_at_once_lose_nothing(branch: Stand, writer: Person, sign_in: SignIn) -> None:
    other = await sign_in(COMPLIANCE)
    await begin(writer)
    seen = await newest(branch, "fees")
    assert await save(other, branch) == 303
    mine = replace(FEES, answer="我写的另一个答案。")
    late = await writer.post(f"{KNOWLEDGE}/editions/{seen.id}/save", **form(mine, seen))
    assert late.status_code == 409
    told = words(late)
    assert "他人已先保存" in told
    assert "我写的另一个答案。" in told
    assert CHANGED.phrasings[-1] in told
    assert await press(writer, branch, "fees", "save", **form(mine)) == 303
    assert (await newest(branch, "fees")).content.answer == mine.answer


async def test_what_was_typed_and_not_saved_comes_back(branch: Stand, writer: Person, sign_in: SignIn) -> None:
    await begin(writer)
    one = await newest(branch, "fees")
    await writer.post("/console/drafts", place=f"edition:{one.id}:answer", text="写了一半的答案")
    shown = await page(writer, "/entries/fees")
    assert "写了一半的答案" in shown
    assert "已恢复你未保存的输入" in shown
    assert "写了一半的答案" not in await page(await sign_in(COMPLIANCE), "/entries/fees")
    assert await save(writer, branch) == 303
    kept = await branch.database.read(lambda unit: drafts.places(unit, branch.staff[SERVICE]))
    assert kept == frozenset()


async def test_what_was_typed_can_be_discarded(branch: Stand, writer: Person) -> None:
    await begin(writer)
    one = await newest(branch, "fees")
    await writer.post("/console/drafts", place=f"edition:{one.id}:answer", text="写了一半的答案")
    assert await press(writer, branch, "fees", "discard") == 303
    assert "写了一半的答案" not in await page(writer, "/entries/fees")


async def test_a_draft_is_sent_back_or_given_up_for_a_reason(branch: Stand, writer: Person, sign_in: SignIn) -> None:
    adviser = await sign_in(ADVISER)
    await begin(writer)
    assert await press(adviser, branch, "fees", "review") == 303
    assert await press(adviser, branch, "fees", "return") == 422
    late = {"text": "少写了最低收费", "version": "1", "key": "k8"}
    assert await press(adviser, branch, "fees", "return", **late) == 409
    assert "少写了最低收费" in await page(adviser, "/entries/fees")
    assert await press(adviser, branch, "fees", "return", text="少写了最低收费", key="k9") == 303
    assert "少写了最低收费" in await page(writer, "/entries/fees")
    assert await press(writer, branch, "fees", "drop", text="不改了") == 303
    assert await states(branch, "fees") == [RETIRED, PUBLISHED]
    assert await press(writer, branch, "fees", "restore") == 303
    assert await states(branch, "fees") == [DRAFT, RETIRED, PUBLISHED]
    assert await press(writer, branch, "fees", "nonsense") == 404


async def test_what_is_refused_is_told_in_words(branch: Stand, writer: Person, sign_in: SignIn) -> None:
    adviser = await sign_in(ADVISER)
    await begin(writer)
    await save(writer, branch, replace(FEES, answer=""))
    one = await newest(branch, "fees")
    path, version = f"{KNOWLEDGE}/editions/{one.id}", str(one.revision)
    lacking = words(await adviser.post(f"{path}/review", version=version, key="k5"))
    assert "fees 还不能复核：答案（缺少）" in lacking
    moved = words(await adviser.post(f"{path}/return", version=version, key="k6", text="再写"))
    assert "fees 处于“草稿”状态，不能这样做" in moved


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (Refused("knowledge_incomplete", entry="x", fault="unheard_of", field=""), "x 还不能复核：–（unheard_of）"),
        (Refused("knowledge_incomplete", entry="x", fault="unknown_category", field="oil"), "oil（没有这个类别）"),
        (Refused("unheard_of"), "没有办成，规则代号 unheard_of"),
    ],
)
def test_codes_without_words_are_still_readable(branch: Stand, refused: Refused, told: str) -> None:
    reader = Reader(branch.console, Request({"type": "http", "method": "GET", "headers": []}))
    assert told in say(reader, refused)


async def test_versions_show_what_went_and_what_came(branch: Stand, writer: Person) -> None:
    await begin(writer)
    await save(writer, branch)
    text = (await writer.get(f"{KNOWLEDGE}/entries/fees")).text
    assert "<ins>交易要花多少钱</ins>" in text
    assert "<ins>的万分之几</ins>" in text
    assert "改了 2 处" in text


async def test_a_publication_shows_whose_questions_it_takes(branch: Stand, writer: Person, sign_in: SignIn) -> None:
    adviser, head = await sign_in(ADVISER), await sign_in(HEAD)
    await begin(writer)
    await save(writer, branch, THIEF)
    await press(adviser, branch, "fees", "review")
    address = await publishing(branch, "fees")
    shown = words(await head.get(address))
    assert f"几点开盘？ {HOURS.question} → {THIEF.question}" in shown
    assert f"几点开盘 正确 → 答错 · 应为 {HOURS.question}" in shown
    assert "disabled" not in (await head.get(address)).text.split('id="reason"')[1].split("</form>")[0]
    assert (await head.post(address)).status_code == 422
    assert (await head.post(address, key="k2", text="以后由费用条目回答")).status_code == 303


async def test_a_fault_among_entries_keeps_it_from_being_published(
    branch: Stand, writer: Person, sign_in: SignIn
) -> None:
    adviser, head = await sign_in(ADVISER), await sign_in(HEAD)
    await begin(writer)
    await save(writer, branch, replace(FEES, phrasings=("几点开盘",)))
    await press(adviser, branch, "fees", "review")
    address = await publishing(branch, "fees")
    assert "另一条目也有这个问法" in words(await head.get(address))
    assert (await head.post(address, text="就这样")).status_code == 422
    assert await states(branch, "fees") == [REVIEWED, PUBLISHED]


async def test_an_unreviewed_draft_can_be_tried_and_not_published(
    branch: Stand, writer: Person, sign_in: SignIn
) -> None:
    head = await sign_in(HEAD)
    await begin(writer)
    await save(writer, branch)
    address = await publishing(branch, "fees")
    assert "尚未复核" in words(await head.get(address))
    assert (await head.post(address)).status_code == 409
    tried = words(await writer.get(address.replace("publish?", "publish/try?question=交易要花多少钱&")))
    assert "最接近的问法：交易要花多少钱（相似度 1.00）" in tried
    assert await states(branch, "fees") == [DRAFT, PUBLISHED]


async def test_the_box_shows_the_ranking_and_why(branch: Stand, sign_in: SignIn) -> None:
    person = await sign_in(RM)
    shown = await page(person, "/try?question=股票几点开盘")
    for told in ("直接给出第一个条目", "A股交易时间是什么时候？", "最接近的问法", "认识的字词"):
        assert told in shown
    assert "规则直接判定" in await page(person, "/try?question=600519能买吗")
    assert "未找到答案" in await page(person, "/try?question=？？？")
    assert "最接近的问法" not in await page(person, "/try?question=")


async def test_a_new_entry_is_checked_and_nothing_typed_is_lost(branch: Stand, writer: Person) -> None:
    fields = form(replace(HOURS, question="周末开市吗？"))
    await writer.post("/console/drafts", place="edition:0:question", text="没写完的问题")
    assert "没写完的问题" in await page(writer, "/new")
    bad = await writer.post(f"{KNOWLEDGE}/new", entry_id="Bad Id", **fields)
    assert bad.status_code == 422
    assert "周末开市吗" in words(bad)
    assert (
        await writer.post(f"{KNOWLEDGE}/new", entry_id="weekend", **(fields | {"review_on": "x"}))
    ).status_code == 422
    assert (await writer.post(f"{KNOWLEDGE}/new", key="k2", entry_id="weekend", **fields)).status_code == 303
    assert await states(branch, "weekend") == [DRAFT]
    assert "没写完的问题" not in await page(writer, "/new")
    named = await writer.post(f"{KNOWLEDGE}/new", key="k3", **fields)
    assert named.headers["location"].startswith(f"{KNOWLEDGE}/entries/entry-")
    assert (await writer.post(f"{KNOWLEDGE}/new", key="k4", entry_id="weekend", **fields)).status_code == 422


async def test_an_answer_is_confirmed_to_hold_until_a_day(branch: Stand, writer: Person, sign_in: SignIn) -> None:
    head = await sign_in(HEAD)
    assert await press(head, branch, "fees", "confirm", review_on="") == 422
    assert await press(head, branch, "fees", "confirm", review_on="2026-01-01", key="k2") == 422
    assert await press(head, branch, "fees", "confirm", review_on="2027-03-01", key="k3") == 303
    assert str((await newest(branch, "fees")).content.review_on) == "2027-03-01"
    assert await press(writer, branch, "fees", "confirm", review_on="2027-04-01") == 403


@pytest.mark.parametrize("number", [RM, VISITOR])
async def test_who_may_not_write_finds_no_button_and_no_way(
    branch: Stand, writer: Person, sign_in: SignIn, number: str
) -> None:
    reader = await sign_in(number)
    shown = await reader.get(f"{KNOWLEDGE}/entries/fees")
    assert shown.status_code == (200 if number == RM else 403)
    assert "/begin" not in shown.text
    assert await begin(reader) == 403
    assert await press(reader, branch, "fees", "drop", text="x") == 403
    assert len(await history(branch, "fees")) == 1


@pytest.mark.parametrize(
    "path",
    ["/entries/nothing", "/publish", "/publish?edition=x", "/publish?edition=99:1", f"/publish?edition={'9' * 26}:1"],
)
async def test_what_is_not_there_is_told(branch: Stand, writer: Person, path: str) -> None:
    assert (await writer.get(f"{KNOWLEDGE}{path}")).status_code in (404, 422)


async def test_every_page_stands_in_english(branch: Stand, writer: Person) -> None:
    await begin(writer)
    writer.http.cookies.set("quanfu_locale", "en")
    for path in (
        "",
        "/new",
        "/regression",
        "/misses/settled",
        "/entries/fees",
        "/try?question=fees",
        f"{(await publishing(branch, 'fees'))[18:]}",
    ):
        assert '<html lang="en"' in (await writer.get(f"{KNOWLEDGE}{path}")).text, path
