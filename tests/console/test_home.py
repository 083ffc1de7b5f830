"""The first page: what the knowledge base asks for, of those who can do something about it."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import pytest

from bot.vocabulary import Locale
from services import misses as service
from services.misses import Cluster
from storage.models import EditionRow
from storage.repositories import misses
from storage.repositories.misses import Miss, Missed
from storage.unit import Unit
from tests.console.bench import stock
from tests.console.conftest import SignIn, words
from tests.console.stand import ADMIN, ADVISER, PHONE, RM, SERVICE, Stand
from tests.services.knowledge.bureau import FEES, HOURS

TODAY = date(2026, 11, 23)
ASKED = (f"能借我钱吗，我电话{PHONE}", "今天天气怎么样", "今天天气怎么样")


def due(unit: Unit) -> None:
    """One entry has been due for a day, one is tomorrow."""
    rows = {row.entry_id: row for row in unit.session.query(EditionRow)}
    rows["fees"].review_on, rows["hours"].review_on = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
async def kept(branch: Stand) -> Stand:
    await stock(branch)
    await branch.database.write(due)
    for text in ASKED:
        miss = Miss(text, Locale.ZH_CN, "unknown", "webchat", None, branch.clock.now())
        await branch.database.write(partial(misses.add, miss=miss))
    return branch


@pytest.mark.parametrize("number", [SERVICE, ADVISER])
async def test_what_is_due_and_what_nobody_answered_wait_on_the_first_page(
    kept: Stand, sign_in: SignIn, number: str
) -> None:
    answer = await (await sign_in(number)).get("/console")
    shown = words(answer)
    assert "1 到期待复查 2 未答问题" in shown
    assert f"{FEES.question} 2026-11-22" in shown
    assert HOURS.question not in shown
    assert "今天天气怎么样 2 次" in shown
    assert PHONE not in answer.text


@pytest.mark.parametrize("number", [SERVICE, ADMIN])
async def test_the_page_asks_for_no_news_that_its_reader_may_not_hear(
    branch: Stand, sign_in: SignIn, number: str
) -> None:
    person = await sign_in(number)
    asked = re.findall(r'data-live="([^"]*)"', (await person.get("/console")).text)
    assert asked == ([] if number == ADMIN else ["conversation ticket"])


async def test_who_can_do_nothing_about_it_is_not_told(kept: Stand, sign_in: SignIn) -> None:
    shown = words(await (await sign_in(RM)).get("/console"))
    assert [FEES.question in shown, "天气" in shown, "未答问题" in shown] == [False] * 3


async def test_questions_are_grouped_once_for_all_pages_and_anew_when_they_change(
    kept: Stand, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    grouped: list[int] = []
    group = service.clustered

    def counted(found: Sequence[Missed], features: service.Features) -> list[Cluster]:
        grouped.append(len(found))
        return group(found, features)

    monkeypatch.setattr(service, "clustered", counted)
    person = await sign_in(SERVICE)
    for path in ("/console", "/console/knowledge/misses", "/console/reports/knowledge"):
        await person.get(path)
    await person.post("/console/knowledge/misses/dismiss", ids="1")
    await person.get("/console")
    assert grouped == [3, 2]
