"""A knowledge file with faults is refused, every fault with its line."""

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
    assert min(len(entry.chinese.phrasings) for entry in entries) >= 10
    assert sum(entry.english is not None for entry in entries) >= 60


def test_a_faultless_file_becomes_entries(tmp_path: Path) -> None:
    one = "faqs:\n  - {id: a, category: fees, question: 问, alternatives: [问法], answer: 答, date_check: true}\n"
    more = "phrasings: {a: [又一问]}\n"
    (entry,) = read_entries(_folder(tmp_path, faq_zh=one, phrasings_zh=more, faq_en="entries: {}\n"))
    assert (entry.entry_id, entry.question, entry.answer, entry.date_check) == ("a", "问", "答", True)
    assert entry.chinese.phrasings == ("问法", "又一问")
    assert entry.risk_notice is False
