"""The statistics of the answers: figures, filters, what is told of few questions, and the download."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from bot.vocabulary import AnswerKind, ChannelKind
from services.spreadsheet import WORKBOOK
from storage.models import AnswerSumRow
from storage.repositories import votes
from storage.repositories.votes import Vote
from storage.unit import Unit
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import COMPLIANCE, Stand

ADDRESS = "/console/reports/knowledge"
TODAY = date(2026, 11, 23)
HOURS, QUESTION = "trade-hours", "A股交易时间是什么时候？"


def row(on: date, kind: AnswerKind, number: int, entry: str = "", channel: str = "wechat") -> AnswerSumRow:
    return AnswerSumRow(asked_on=on, channel=channel, kind=kind, entry_id=entry, number=number)


def month(unit: Unit) -> None:
    """Forty questions of today, twenty of five weeks ago, and three on another channel."""
    unit.session.add_all(
        [
            row(TODAY, AnswerKind.ANSWERED, 30, HOURS),
            row(TODAY, AnswerKind.CANDIDATES, 5, HOURS),
            row(TODAY, AnswerKind.CLARIFY, 1, HOURS),
            row(TODAY, AnswerKind.PICKED, 4, HOURS),
            row(TODAY, AnswerKind.REFUSED, 2),
            row(TODAY, AnswerKind.UNKNOWN, 2),
            row(TODAY - timedelta(days=35), AnswerKind.ANSWERED, 20, HOURS),
            row(TODAY - timedelta(days=1), AnswerKind.ANSWERED, 2, HOURS, "telegram"),
            row(TODAY - timedelta(days=1), AnswerKind.UNKNOWN, 1, "", "telegram"),
        ]
    )


@pytest.fixture
async def reader(branch: Stand, sign_in: SignIn) -> Person:
    await branch.database.write(month)
    return await sign_in(COMPLIANCE)


async def page(person: Person, query: str = "") -> str:
    return words(await person.get(f"{ADDRESS}{query}"))


async def test_shares_are_of_questions_and_stand_beside_those_before(reader: Person) -> None:
    shown = await page(reader)
    assert "43 问题数 上期 20" in shown
    for told in ("74.4% 直接回答 上期 100.0%", "14.0% 候选与反问", "4.7% 拒答", "7.0% 未答"):
        assert told in shown
    assert f"{QUESTION} 36 6" in shown


async def test_of_few_questions_the_numbers_are_told(reader: Person) -> None:
    shown = await page(reader, "?channel=telegram")
    assert "3 问题数" in shown
    assert "2/3 直接回答" in shown
    assert "2/3" in (await page(reader)).split("各渠道")[1]


async def test_a_day_opens_from_its_column(reader: Person) -> None:
    text = (await reader.get(ADDRESS)).text
    assert f'href="{ADDRESS}?days=1&amp;until=2026-11-22"' in text
    day = await page(reader, "?days=1&until=2026-11-22")
    assert "3 问题数" in day
    assert "每天的问题怎样了" not in day


@pytest.mark.parametrize("query", ["?days=5&until=x&channel=y", "?until=2999-01-01", "?until=0001-01-01", "?days="])
async def test_what_the_address_names_wrongly_is_taken_for_the_usual(reader: Person, query: str) -> None:
    assert "43 问题数" in await page(reader, query)


async def test_days_without_a_question_say_so(reader: Person) -> None:
    assert "该时段没有数据" in await page(reader, "?days=7&until=2026-01-31")


async def test_votes_are_told_by_entry_and_span(branch: Stand, reader: Person) -> None:
    async def vote(number: int, entry: str, *, helpful: bool) -> None:
        one = Vote(number, entry, ChannelKind.WEBCHAT, helpful, branch.clock.now())
        await branch.database.write(lambda unit: votes.cast(unit, one))

    numbers = [await branch.chat(f"问题{place}", None) for place in range(3)]
    await vote(numbers[0], HOURS, helpful=True)
    await vote(numbers[1], HOURS, helpful=False)
    await vote(numbers[2], "gone-entry", helpful=True)
    shown = await page(reader)
    assert "2/3 有帮助 共 3 次评价" in shown
    assert f"{QUESTION} 36 6 1 1" in shown
    assert "gone-entry 0 0 1 0" in shown
    assert "共 0 次评价" in await page(reader, "?channel=wechat")


async def test_the_tables_are_downloaded_as_a_spreadsheet(reader: Person) -> None:
    answer = await reader.get(f"{ADDRESS}.xlsx?days=7")
    assert answer.headers["content-type"] == WORKBOOK
    assert 'filename="answers-2026-11-17-2026-11-23.xlsx"' in answer.headers["content-disposition"]
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    days, channels, entries = (book.get_sheet_by_name(name).to_python() for name in ("日期", "渠道", "条目"))
    assert days[0][:3] == ["日期", "问题数", "直接回答"]
    assert days[-1] == ["2026-11-23", 40, 30, 5, 1, 2, 2, 4]
    assert ["微信公众号", 40, 30, 5, 1, 2, 2, 4] in channels
    assert entries[1] == [QUESTION, HOURS, 36, 6, 0, 0]


async def test_the_table_is_downloaded_for_a_spreadsheet(reader: Person) -> None:
    answer = await reader.get(f"{ADDRESS}.csv?days=7")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "日期,问题数,直接回答,给出候选,反问,已拒答,未找到答案,选中候选"
    assert len(lines) == 8
    assert lines[-2:] == ["2026-11-22,3,2,0,0,0,1,0", "2026-11-23,40,30,5,1,2,2,4"]
