"""A knowledge file with faults is refused, every fault with its line; the packaged one is whole in both languages."""

import re
from pathlib import Path

import pytest

from services.knowledge.seeds import KnowledgeFaultError, read_entries

FAQ = """\
faqs:
  - id: a
    category: account
    question: 怎么开户
    alternatives: [如何开户]
    answer: 到柜台。
    related: [b, ghost]
    date_check: true
  - id: b
    category: trading
    question: 几点开盘
    answer: ''
    related: []
    date_check: false
  - id: a
    category: account
    question: 第二个
    answer: 重复。
  - category: account
    question: 没有编号
    answer: 没有。
"""
PHRASINGS = """\
phrasings:
  b:
    - 如何 开户？
  nobody:
    - 谁
"""
ENGLISH = """\
entries:
  a:
    question: How do I open an account?
    phrasings: [open]
    answer: ''
  nobody:
    question: Who?
    answer: Nobody.
"""

NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)([\u4e07\u4ebf]?)")
SCALES = {"": 1, "万": 10_000, "亿": 100_000_000}

WORDED = {
    "trade-hours": [8], "trade-auction": [7], "trade-afterhours": [7, 8], "trade-limit-main": [5, 7],
    "trade-limit-gem": [5], "trade-limit-st": [7], "trade-lot": [1], "trade-st-buy-limit": [8], "fee-stamp": [8],
    "fee-transfer": [4], "fee-dividend-tax": [1], "cb-permission": [6], "hk-rule": [4], "perm-st": [7],
    "margin-short": [7],
}  # fmt: skip
"""Numbers that English writes as words: the month of a date, and "one" or "five"."""


def _numbers(text: str) -> set[float]:
    return {float(digits.replace(",", "")) * SCALES[scale] for digits, scale in NUMBER.findall(text)}


def _folder(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def test_every_fault_is_listed_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeFaultError) as refused:
        read_entries(_folder(tmp_path, faq_zh=FAQ, phrasings_zh=PHRASINGS, faq_en=ENGLISH))
    assert refused.value.faults == (
        "faq_zh.yaml:9: b has no answer",
        "faq_zh.yaml:15: duplicate id a, first at faq_zh.yaml:2",
        "faq_zh.yaml:19: missing id ",
        "phrasings_zh.yaml:4: phrasings of the unknown entry nobody",
        "faq_en.yaml:2: a has no English question or answer",
        "faq_en.yaml:6: English wording of the unknown entry nobody",
        "faq_zh.yaml:2: a relates to the unknown entry ghost",
        "phrasings_zh.yaml:3: b shares the phrasing '如何 开户？' with a at faq_zh.yaml:5",
    )


def test_the_packaged_seeds_are_without_fault_and_rich() -> None:
    entries = read_entries()
    assert len(entries) == 201
    assert min(len(entry.chinese.phrasings) for entry in entries) >= 30


def test_every_entry_is_asked_and_answered_in_english() -> None:
    written = [entry.english for entry in read_entries()]
    assert all(words and 4 <= len(words.phrasings) <= 6 and words.answer for words in written)
    assert all(words and (words.question + "".join(words.phrasings)).isascii() for words in written)


def test_no_english_answer_holds_a_number_that_the_approved_one_does_not() -> None:
    answers = {entry.entry_id: (entry.answer, entry.answer_en or "") for entry in read_entries()}
    added = {key: _numbers(english) - _numbers(chinese) for key, (chinese, english) in answers.items()}
    assert {key: numbers for key, numbers in added.items() if numbers} == {}


def test_an_english_answer_keeps_the_numbers_of_the_approved_one_but_for_dates_and_single_units() -> None:
    answers = {entry.entry_id: (entry.answer, entry.answer_en or "") for entry in read_entries()}
    lost = {key: _numbers(chinese) - _numbers(english) for key, (chinese, english) in answers.items()}
    assert {key: sorted(numbers) for key, numbers in lost.items() if numbers} == WORDED


def test_a_faultless_file_becomes_entries(tmp_path: Path) -> None:
    one = "faqs:\n  - {id: a, category: fees, question: 问, alternatives: [问法], answer: 答, date_check: true}\n"
    more = "phrasings: {a: [又一问]}\n"
    (entry,) = read_entries(_folder(tmp_path, faq_zh=one, phrasings_zh=more, faq_en="entries: {}\n"))
    assert (entry.entry_id, entry.question, entry.answer, entry.date_check) == ("a", "问", "答", True)
    assert entry.chinese.phrasings == ("问法", "又一问")
    assert entry.risk_notice is False


def test_what_belongs_to_neighbours_is_read_and_held_against_no_wording_of_its_own(tmp_path: Path) -> None:
    one = "faqs:\n  - {id: a, category: fees, question: 问, alternatives: [问法], answer: 答}\n"
    near = "not_about:\n  a:\n    - 邻居的问\n"
    (entry,) = read_entries(_folder(tmp_path, faq_zh=one, not_about_zh=near))
    assert entry.not_about == ("邻居的问",)
    with pytest.raises(KnowledgeFaultError) as refused:
        read_entries(_folder(tmp_path, not_about_zh=f"{near}    - 问法？\n  nobody:\n    - 谁\n"))
    assert refused.value.faults == (
        "not_about_zh.yaml:4: a both asks '问法？' and is not about it",
        "not_about_zh.yaml:5: neighbours of the unknown entry nobody",
    )
