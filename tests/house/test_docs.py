"""What the pages say of the code is held against the code: values, rules of the gate, links and files."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from bot import vocabulary
from bot.vocabulary import Purpose
from bot.vocabulary.broadcasts import BroadcastState
from bot.vocabulary.delivery import PRIORITY, TRANSITIONS
from bot.vocabulary.knowledge import EditionState
from services.delivery.gate import APPLIES, RULES
from tests.house.sources import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GLOSSARY = ROOT / "docs" / "glossary.md"
MESSAGES = ROOT / "docs" / "messages.md"
ENUMS = [kind for kind in map(vocabulary.__dict__.get, vocabulary.__all__) if isinstance(kind, type)]
PLAIN = {"Action", "AssetBand", "Gender", "Locale", "ProductRisk", "StaffState"}
"""Enums whose values say what they mean to every reader."""

LINK = re.compile(r"\]\(([^)#\s]+)?(?:#([^)\s]+))?\)")
FILE = re.compile(r"`((?:[\w.-]+/)+(?:[\w.-]+\.(?:py|md|yaml|toml|sh|png|j2))?)`")


def values(page: str, heading: str) -> list[str]:
    """The first column of the table below a heading."""
    part = page.split(f"\n### {heading}\n", 1)[-1].split("\n#", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE)


@pytest.mark.parametrize("kind", [*ENUMS, BroadcastState, EditionState], ids=lambda kind: kind.__name__)
def test_the_glossary_has_every_value(kind: type) -> None:
    if issubclass(kind, StrEnum) and kind.__name__ not in PLAIN:
        assert values(GLOSSARY.read_text("utf-8"), kind.__name__) == [member.value for member in kind]


def test_the_glossary_has_every_rule_of_the_gate() -> None:
    assert values(GLOSSARY.read_text("utf-8"), "Rules of the gate") == [rule.name for rule in RULES]


def gate_rows() -> Iterator[str]:
    """The table of purposes and rules as the page must show it."""
    for rule in RULES:
        signs = ["x" if rule in APPLIES[purpose] else "" for purpose in Purpose]
        yield f"| `{rule.name}` | {' | '.join(signs)} |".replace("  ", " ")


def test_the_page_shows_the_gate_as_it_is() -> None:
    page = MESSAGES.read_text("utf-8")
    head = f"| rule | {' | '.join(purpose.value for purpose in Purpose)} |"
    assert [row for row in (head, *gate_rows()) if row not in page] == []


def test_the_page_shows_priorities_and_transitions_as_they_are() -> None:
    page = MESSAGES.read_text("utf-8")
    moves = [f"| `{state}` | {', '.join(sorted(after)) or '–'} |" for state, after in TRANSITIONS.items()]
    firsts = [f"| {priority} | {', '.join(sorted(_of(priority)))} |" for priority in sorted(set(PRIORITY.values()))]
    assert [row for row in (*moves, *firsts) if row not in page] == []


def _of(priority: int) -> list[str]:
    return [purpose.value for purpose, own in PRIORITY.items() if own == priority]


def told(page: str) -> set[str]:
    """Settings, commands and links of a page, which no translation changes."""
    named = re.findall(r"QUANFU_[A-Z_]+|quanfu [a-z]+|make [a-z-]+|docs/[\w./#-]+", page)
    return {name.rstrip(".") for name in named}


def test_both_languages_tell_the_same() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    assert told(english) == told(chinese)
    assert len(re.findall("^#+ ", english, re.MULTILINE)) == len(re.findall("^#+ ", chinese, re.MULTILINE))


def anchors(page: Path) -> set[str]:
    """What links into a page may name."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken(page: Path) -> Iterator[str]:
    """Links of a page that lead nowhere, and files it names that are not there; decisions may name what was before."""
    text = page.read_text("utf-8")
    for target, anchor in LINK.findall(text):
        if target.startswith(("http:", "https:")):
            continue
        found = (page.parent / target) if target else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            yield f"{page.name}: {target}#{anchor}"
    for name in FILE.findall("" if page.parent.name == "decisions" else text):
        if name.split("/")[0] != "var" and not (ROOT / name).exists():
            yield f"{page.name}: {name}"


def test_links_and_files_of_the_pages_exist() -> None:
    assert [fault for page in PAGES for fault in broken(page)] == []


def test_a_broken_link_and_a_missing_file_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Here\n[a](#here) [b](#there) [c](gone.md) `bot/gone.py`")
    assert len(list(broken(page))) == 3
