"""The queue of unanswered questions: grouped, dismissed, taken back, and audited."""

import re
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from bot.clock import MovableClock
from bot.vocabulary import Locale
from services import misses as service
from storage.models import AuditRow, MissRow
from storage.repositories import misses, publications
from storage.repositories.misses import Miss
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import COMPLIANCE, PHONE, RM, SERVICE, Stand

ADDRESS = "/console/knowledge/misses"
ALIKE = ("创业板怎么开", "怎么开创业板", "创业版怎么开通啊")


BOTH = pytest.mark.parametrize("desk_url", ["sqlite_url", "postgres_url"], indirect=True)


@pytest.fixture
def desk_url(request: pytest.FixtureRequest) -> str:
    """What is settled is settled on each kind of database; the rest is asked of one."""
    return str(request.getfixturevalue(getattr(request, "param", "sqlite_url")))


async def ask(branch: Stand, *texts: str, outcome: str = "unknown", nearest: str | None = None) -> None:
    """Nobody knew, a second apart."""
    for text in texts:
        assert isinstance(branch.clock, MovableClock)
        branch.clock.move(timedelta(seconds=1))
        miss = Miss(
            text, Locale.ZH_CN, outcome, "webchat", None, branch.clock.now(), nearest, 0.31 if nearest else None
        )
        await branch.database.write(partial(misses.add, miss=miss))


async def page(person: Person, path: str = ADDRESS) -> str:
    return words(await person.get(path))


async def ids(person: Person) -> list[str]:
    """The misses of each group, as the forms of the page name them."""
    return re.findall(r'name="ids" value="([\d,]+)"', (await person.get(ADDRESS)).text)


async def settled(branch: Stand) -> list[tuple[str, str | None]]:
    chosen = select(MissRow.question, MissRow.settlement).order_by(MissRow.id)
    return await branch.database.read(lambda unit: [(text, how) for text, how in unit.session.execute(chosen)])


async def guarded(branch: Stand) -> list[tuple[str, tuple[str, ...]]]:
    """The regression set."""
    found = await branch.database.read(publications.questions)
    return [(one.question, one.expected) for one in found]


async def test_like_questions_are_one_matter_and_the_frequent_come_first(branch: Stand, sign_in: SignIn) -> None:
    await ask(branch, "今天天气怎么样", *ALIKE, ALIKE[1], nearest="bank-transfer-time")
    service_desk = await sign_in(SERVICE)
    shown = await page(service_desk)
    assert "2 组，共 5 条" in shown
    assert shown.index("怎么开创业板") < shown.index("今天天气怎么样")
    assert "3 种问法" in shown
    assert "银证转账" in shown.split("最接近条目")[1].split("0.31")[0]
    assert [len(group.split(",")) for group in await ids(service_desk)] == [4, 1]


@BOTH
async def test_what_is_no_matter_of_ours_goes_and_can_be_taken_back(branch: Stand, sign_in: SignIn) -> None:
    await ask(branch, *ALIKE, "今天天气怎么样")
    person, other = await sign_in(SERVICE), await sign_in(COMPLIANCE)
    group = (await ids(person))[0]
    done = await person.post(f"{ADDRESS}/dismiss", ids=group)
    assert done.status_code == 303
    assert [how for _, how in await settled(branch)] == ["dismissed"] * 3 + [None]
    assert "3 条已标为不处理" in await page(person, done.headers["location"])
    assert "标为不处理" not in await page(other, done.headers["location"])
    undo = f"{ADDRESS}/{group.split(',')[0]}/reopen"
    assert [(await one.post(undo, key="k2")).status_code for one in (person, other)] == [303, 409]
    assert [how for _, how in await settled(branch)] == [None] * 4
    deeds = await branch.database.read(lambda unit: list(unit.session.scalars(select(AuditRow.action))))
    assert [deed for deed in deeds if deed.startswith("miss")] == ["miss.dismissed", "miss.reopened"]


@BOTH
async def test_what_must_not_be_answered_is_asked_at_every_publication(branch: Stand, sign_in: SignIn) -> None:
    await ask(branch, *ALIKE)
    person, other = await sign_in(SERVICE), await sign_in(COMPLIANCE)
    (group,) = await ids(person)
    assert (await person.post(f"{ADDRESS}/refuse", ids=group, picked="2")).status_code == 422
    assert [how for _, how in await settled(branch)] == [None] * 3
    fields = {"ids": group, "picked": "2", "text": "不属于营业部业务", "key": "k2"}
    done = await person.post(f"{ADDRESS}/refuse", **fields)
    assert "3 条已标为拒答" in await page(person, done.headers["location"])
    assert await guarded(branch) == [(ALIKE[1], ("NONE",))]
    history = await page(other, f"{ADDRESS}/settled")
    assert all(word in history for word in ("拒答", "不属于营业部业务", "共 3 条", "撤销"))
    assert (await other.post(f"{ADDRESS}/1/reopen", key="k3")).status_code == 303
    assert [await guarded(branch), [how for _, how in await settled(branch)]] == [[], [None] * 3]
    assert "还没有处理过" in await page(other, f"{ADDRESS}/settled")


async def test_history_tells_where_questions_went_and_has_pages(
    branch: Stand, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.misses.PAGE", 1)
    await ask(branch, "今天天气怎么样", f"我的电话{PHONE}打不通")
    await (await sign_in(SERVICE)).post(f"{ADDRESS}/entry", ids="1", picked="1")
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(timedelta(days=31))
    person = await sign_in(SERVICE)
    await person.post(f"{ADDRESS}/dismiss", ids="2", key="k2", text="号码打错了")
    first = await person.get(f"{ADDRESS}/settled")
    assert [text in first.text for text in ("号码打错了", "/reopen", PHONE, "asked-1")] == [True, False, False, False]
    assert (await person.post(f"{ADDRESS}/2/reopen", key="k3")).status_code == 409
    more = first.text.split('<a class="btn q-more" href="')[1].split('"')[0]
    earlier = await page(person, more)
    assert all(text in earlier for text in ("今天天气怎么样", "新建条目", "asked-1"))


@BOTH
async def test_two_who_settle_the_same_are_told(branch: Stand, sign_in: SignIn) -> None:
    await ask(branch, "今天天气怎么样")
    first, second = await sign_in(SERVICE), await sign_in(COMPLIANCE)
    (group,) = await ids(first)
    answers = [await one.post(f"{ADDRESS}/dismiss", ids=group) for one in (first, second)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "已由他人处理" in words(answers[1])


@pytest.mark.parametrize("given", ["", "a", "1;2", "9" * 30, "-1", ",".join(["1"] * 1001)])
async def test_a_form_that_names_no_questions_is_refused(branch: Stand, sign_in: SignIn, given: str) -> None:
    assert (await (await sign_in(SERVICE)).post(f"{ADDRESS}/dismiss", ids=given)).status_code == 422


async def test_who_may_not_curate_is_refused(branch: Stand, sign_in: SignIn) -> None:
    await ask(branch, "今天天气怎么样")
    assert (await (await sign_in(RM)).post(f"{ADDRESS}/dismiss", ids="1")).status_code == 403


async def test_numbers_are_masked_and_marks_do_no_harm(branch: Stand, sign_in: SignIn) -> None:
    await ask(branch, f"我的电话{PHONE}打不通", "<script>alert(1)</script>")
    shown = (await (await sign_in(SERVICE)).get(ADDRESS)).text
    assert PHONE not in shown
    assert "<script>alert" not in shown


async def test_a_long_queue_has_pages_and_a_bound(
    branch: Stand, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.misses.PAGE", 2)
    monkeypatch.setattr(service, "MOST", 3)
    await ask(branch, "今天天气怎么样", "能借我钱吗", "你叫什么名字", "股东大会在哪里开")
    person = await sign_in(SERVICE)
    first = await person.get(ADDRESS)
    assert "较早的 1 条" in words(first)
    assert "今天天气怎么样" not in words(first)
    more = first.text.split('<a class="btn q-more" href="')[1].split('"')[0].replace("&amp;", "&")
    assert ["股东大会" in words(first), "能借我钱" in await page(person, more)] == [True, True]


async def test_an_old_question_leaves_the_queue(branch: Stand, sign_in: SignIn) -> None:
    await ask(branch, "今天天气怎么样")
    assert isinstance(branch.clock, MovableClock)
    branch.clock.move(service.KEPT_OPEN + timedelta(seconds=1))
    assert "没有未答问题" in await page(await sign_in(SERVICE))
