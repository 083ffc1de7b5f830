"""Entries go out to a file and come back the same; a file with faults changes nothing, and every fault has its line."""

import io
from dataclasses import replace
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Conflict
from bot.vocabulary import Role
from services.knowledge import columns, exports, imports
from services.knowledge.contents import Content, tidy
from services.knowledge.entry import CATEGORIES
from services.knowledge.files import FileFault, Record, records
from services.knowledge.imports import Plan
from services.knowledge.published import stock_of
from services.knowledge.seeds import SEEDS
from tests.services.knowledge.bureau import FEES, HOURS, OPENING, Bureau, edition

WORDS = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=12).filter(str.strip)
LISTS = st.lists(WORDS, max_size=3).map(tuple)
IDS = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), max_size=2).map(tuple)
CONTENTS = st.builds(
    Content,
    category=st.sampled_from(CATEGORIES),
    question=WORDS,
    answer=st.lists(WORDS, min_size=1, max_size=2).map("\n".join),
    phrasings=LISTS,
    question_en=WORDS,
    answer_en=WORDS,
    phrasings_en=LISTS,
    not_about=LISTS,
    related=IDS,
    date_check=st.booleans(),
    review_on=st.none() | st.dates(),
    risk_notice=st.none() | st.booleans(),
).map(tidy)

FAULTY = """\
faqs:
  - id: a
    category: account
    question: 怎么开户
    alternatives: [如何开户]
    answer: 到柜台。
    related: [b, ghost]
  - id: b
    category: trading
    question: 几点开盘
    phrasings:
      - 如何 开户？
    answer: ''
  - id: a
    category: account
    question: 第二个
    answer: 重复。
  - category: account
    question: 没有编号
    answer: 没有。
  - id: c
    category: weather
    question: 手续费多少
    answer: 晴。
    colour: red
    date_check: maybe
"""
FAULTS = [
    (7, "unknown_related", "a", "ghost"),
    (12, "shared_phrasing", "b", "如何 开户？ = a:5"),
    (13, "missing_field", "b", "answer"),
    (14, "duplicate_id", "a", "2"),
    (18, "missing_id", "", ""),
    (22, "unknown_category", "c", "weather"),
    (23, "shared_phrasing", "c", "手续费多少 = fees"),
    (25, "unknown_field", "", "colour"),
    (26, "wrong_value", "c", "date_check"),
]


@settings(max_examples=40)
@given(CONTENTS)
def test_what_goes_out_comes_back(content: Content) -> None:
    for write in (exports.as_yaml, exports.as_workbook):
        (record,) = records(write([edition("one", content)]))
        assert isinstance(record, Record)
        assert set(record.cells) == set(columns.COLUMNS)
        texts = {name: [text for text, _ in cell.texts] for name, cell in record.cells.items()}
        assert (texts.pop("id"), texts.pop("version")) == (["one"], ["3"])
        read = {name: columns.value(name, found) for name, found in texts.items()}
        assert tidy(Content(**read)) == content


async def planned(bureau: Bureau, content: bytes) -> Plan:
    return await bureau.database.read(lambda unit: imports.plan(bureau.editions, unit, content))


async def test_a_file_with_faults_names_each_with_its_line(bureau: Bureau) -> None:
    await bureau.published(await bureau.reviewed("fees", FEES))
    plan = await planned(bureau, FAULTY.encode())
    assert [(fault.line, fault.kind.value, fault.entry_id, fault.detail) for fault in plan.faults] == FAULTS


async def test_what_was_exported_changes_nothing_and_what_was_edited_becomes_drafts(bureau: Bureau) -> None:
    await bureau.stock()
    author = bureau.people[Role.SERVICE]
    stand = (await bureau.database.read(stock_of)).editions
    for file in (exports.as_yaml(stand), exports.as_workbook(stand)):
        plan = await planned(bureau, file)
        assert (plan.steps, plan.unchanged, plan.faults) == ((), 3, ())
    edited = exports.as_yaml(stand).replace("按成交金额收取。".encode(), "面议。".encode())
    plan = await planned(bureau, edited + b"- {id: new, category: app, question: q, answer: a}\n")
    assert plan.faults == ()
    assert [(step.entry_id, [one.field for one in step.changed]) for step in plan.steps] == [
        ("fees", ["answer"]),
        ("new", ["category", "question", "answer", "date_check"]),
    ]
    drafts = await bureau.do(lambda unit: imports.take(bureau.editions, unit, author, plan.steps))
    assert [(one.entry_id, one.version, one.state) for one in drafts] == [("fees", 2, "draft"), ("new", 1, "draft")]
    with pytest.raises(Conflict, match="knowledge_open"):
        await bureau.do(lambda unit: imports.take(bureau.editions, unit, author, plan.steps))


async def test_a_file_does_not_write_over_what_changed_since_it_was_made(bureau: Bureau) -> None:
    await bureau.stock()
    stand = (await bureau.database.read(stock_of)).editions
    await bureau.published(await bureau.reviewed("fees", replace(FEES, answer="面议。")))
    await bureau.draft("open", HOURS)
    file = exports.as_yaml(stand).replace(b"App", "应用".encode())
    plan = await planned(bureau, file)
    assert [(fault.kind.value, fault.entry_id, fault.detail) for fault in plan.faults] == [
        ("being_written", "open", "service"),
        ("changed_meanwhile", "fees", "1 / 2"),
    ]


async def test_a_field_that_the_file_does_not_name_stays(bureau: Bureau) -> None:
    await bureau.stock()
    more = "entries:\n- id: open\n  alternatives: [开户怎么弄, 如何开户]\n- {id: hours, answer: 九点半。}\n"
    plan = await planned(bureau, more.encode())
    assert [step.content for step in plan.steps] == [
        replace(OPENING, phrasings=(*OPENING.phrasings, "开户怎么弄")),
        replace(HOURS, answer="九点半。"),
    ]


def test_a_spreadsheet_of_others_is_read_as_it_looks() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for place, name in enumerate(["id", "version", "phrasings", "review_on", "date_check", "colour"]):
            sheet.write(0, place, name)
        sheet.write(1, 0, 12386)
        sheet.write(1, 1, 4)
        sheet.write(1, 2, "一\n二")
        sheet.write_datetime(1, 3, datetime(2027, 1, 31), day)  # noqa: DTZ001 (a spreadsheet has no zones)
        sheet.write_boolean(1, 4, True)
    fault, record = records(file.getvalue())
    assert isinstance(fault, FileFault)
    assert (fault.line, fault.kind.value, fault.detail) == (1, "unknown_field", "colour")
    assert isinstance(record, Record)
    texts = {name: [text for text, _ in cell.texts] for name, cell in record.cells.items()}
    assert (texts["id"], texts["version"], texts["phrasings"]) == (["12386"], ["4"], ["一", "二"])
    assert (texts["review_on"], texts["date_check"]) == (["2027-01-31"], ["true"])
    assert columns.value("review_on", texts["review_on"]) == date(2027, 1, 31)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"PK\x03\x04 broken", b"entries: [", b"entries: {a: b}", b"entries: [text]", b"a\x00b", b"[]"],
)
def test_what_cannot_be_read_is_one_fault(content: bytes) -> None:
    (fault,) = records(content)
    assert isinstance(fault, FileFault)
    assert fault.kind.value == "unreadable"


def test_the_packaged_file_can_be_read_as_one_of_the_branch() -> None:
    found = list(records((SEEDS / "faq_zh.yaml").read_bytes()))
    assert len(found) == 201
    assert all(isinstance(each, Record) for each in found)
