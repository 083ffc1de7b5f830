"""The page of the regression set: how it comes out, what is added and taken out, and by whom."""

import pytest
from sqlalchemy import select

from storage.models import AuditRow
from storage.repositories import publications
from tests.console.bench import stock
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import COMPLIANCE, RM, SERVICE, VISITOR, Stand

ADDRESS = "/console/knowledge/regression"
WEATHER = {"question": "今天天气怎么样", "expected": "NONE", "text": "常有人问"}


@pytest.fixture
async def writer(branch: Stand, sign_in: SignIn) -> Person:
    """Two questions are in the set, whose entries clients are not answered from yet."""
    await stock(branch)
    return await sign_in(SERVICE)


async def asked(branch: Stand) -> list[tuple[str, tuple[str, ...]]]:
    found = await branch.database.read(publications.questions)
    return [(one.question, one.expected) for one in found]


async def deeds(branch: Stand) -> list[tuple[str, str | None]]:
    chosen = select(AuditRow.action, AuditRow.reason).where(AuditRow.action.like("knowledge%")).order_by(AuditRow.id)
    return await branch.database.read(lambda unit: [(action, why) for action, why in unit.session.execute(chosen)])


async def test_a_question_is_added_for_a_reason_and_graded(branch: Stand, writer: Person) -> None:
    assert (await writer.post(ADDRESS, **WEATHER)).status_code == 303
    assert (await asked(branch))[-1] == ("今天天气怎么样", ("NONE",))
    assert await deeds(branch) == [("knowledge.ask", "常有人问")]
    shown = words(await writer.get(f"{ADDRESS}?text=天气"))
    assert "今天天气怎么样 不作答 正确" in shown
    assert "全部 1" in shown
    failing = words(await writer.get(f"{ADDRESS}?view=failing"))
    assert ["没答对 2" in failing, "手续费多少" in failing, "天气" in failing] == [True, True, False]


@pytest.mark.parametrize(
    ("wrong", "status", "told"),
    [
        ({"text": " "}, 422, "请写明理由"),
        ({"expected": "nothing"}, 422, "没有已发布的条目 nothing"),
        ({"expected": " | "}, 422, "应得到哪个条目"),
        ({"question": "问" * 301}, 422, "300"),
        ({"question": "几点开盘", "expected": "hours | fees"}, 409, "题集里已有这个问题"),
    ],
)
async def test_what_cannot_be_added_is_told_and_kept(
    branch: Stand, writer: Person, wrong: dict[str, str], status: int, told: str
) -> None:
    answer = await writer.post(ADDRESS, **(WEATHER | wrong))
    assert answer.status_code == status
    assert told in words(answer)
    assert (WEATHER | wrong)["question"] in answer.text
    assert len(await asked(branch)) == 2


async def test_a_question_leaves_for_a_reason_by_who_may_approve(
    branch: Stand, writer: Person, sign_in: SignIn
) -> None:
    first = f"{ADDRESS}/1/remove"
    compliance = await sign_in(COMPLIANCE)
    assert "/remove" not in (await writer.get(ADDRESS)).text
    assert (await writer.post(first, text="不再需要")).status_code == 403
    assert (await compliance.post(first)).status_code == 422
    assert (await compliance.post(first, key="k2", text="业务已停办")).status_code == 303
    assert await asked(branch) == [("手续费多少", ("fees",))]
    assert await deeds(branch) == [("knowledge.unask", "业务已停办")]
    assert (await compliance.post(first, key="k3", text="业务已停办")).status_code == 422


async def test_a_long_set_has_pages_and_says_when_all_is_well(
    branch: Stand, writer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.regression.PAGE", 1)
    first = await writer.get(ADDRESS)
    more = first.text.split('<a class="btn q-more" href="')[1].split('"')[0].replace("&amp;", "&")
    assert ["几点开盘" in words(page) for page in (first, await writer.get(more))] == [False, True]
    assert "没有符合条件的问题" in words(await writer.get(f"{ADDRESS}?text=zzz"))


@pytest.mark.parametrize(("number", "status"), [(RM, 200), (VISITOR, 403)])
async def test_who_may_only_read_changes_nothing(
    branch: Stand, writer: Person, sign_in: SignIn, number: str, status: int
) -> None:
    reader = await sign_in(number)
    assert (await reader.get(ADDRESS)).status_code == status
    assert (await reader.post(ADDRESS, **WEATHER)).status_code == 403
    assert len(await asked(branch)) == 2
