"""`quanfu faq`: entries come from a file, are reviewed by a second person and published by a third."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import settings
from bot.app import open_database
from bot.clock import SystemClock
from bot.commands import answering, faq
from bot.errors import QuanfuError
from bot.vocabulary import Role
from services.knowledge import packaged
from services.knowledge.evaluate import Question
from services.knowledge.packaged import Packaged
from services.knowledge.published import Stock, stock_of
from storage.repositories import staff
from storage.repositories.staff import NewStaff
from storage.unit import Unit
from tests.bot.commands.conftest import PASSWORD, known_hash
from tests.services.knowledge.bureau import FEES, HOURS, OPENING

ASKED = (Question("如何开户", frozenset({"open"})), Question("佣金多少", frozenset({"fees"})))
"""In an entry's own words: how near others come to so few entries changes with every example that is trained."""
PEOPLE = {"s1": Role.SERVICE, "s2": Role.ADVISER, "s3": Role.HEAD}
ENTRIES = """\
entries:
- id: open
  version: 1
  answer: 到柜台办理。
- id: move
  category: account
  question: 怎么转户？
  answer: 先到原营业部办理转出。
"""


def fill(unit: Unit) -> None:
    """Three entries published, and somebody for each step."""
    now = SystemClock().now()
    for number, role in PEOPLE.items():
        staff.add(unit, NewStaff(number, "He", [role], known_hash(), must_change=False), now)
    packaged.load(unit, Packaged({"open": OPENING, "fees": FEES, "hours": HOURS}, ASKED), now)


@pytest.fixture(autouse=True)
def _branch(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANFU_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("QUANFU_PASSWORD", PASSWORD)
    opened = open_database(settings.load())
    asyncio.run(opened.write(fill))
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Entries to import."""
    path = tmp_path / "entries.yaml"
    path.write_text(ENTRIES, "utf-8")
    return str(path)


async def stock() -> Stock:
    """What is published."""
    opened = open_database(settings.load())
    try:
        return await opened.read(stock_of)
    finally:
        opened.close()


def run(*words: str) -> str:
    """What a command prints; its refusal is raised."""
    return CliRunner().invoke(faq.app, list(words), catch_exceptions=False).output


def test_an_edited_file_is_published_by_three_people(file: str) -> None:
    assert "open: answer" in run("import", file, "--dry-run")
    run("import", file, "--as", "s1")
    assert "到柜台办理。" not in run("review", "--as", "s1")
    assert "+ 到柜台办理。" in run("review", "--as", "s2")
    with pytest.raises(QuanfuError, match="Your role"):
        run("publish", "--as", "s2")
    assert "Published" not in run("publish", "--as", "s3", "--dry-run")
    assert "Published as number 2 with 4 entries" in run("publish", "--as", "s3")
    (entry, *_) = asyncio.run(stock()).entries
    assert (entry.answer, entry.approved_by) == ("到柜台办理。", "s3")


def test_a_file_with_faults_imports_nothing(file: str) -> None:
    Path(file).write_text(ENTRIES.replace("account", "weather").replace("move", "open"), "utf-8")
    ended = CliRunner().invoke(faq.app, ["import", file, "--as", "s1"])
    assert str(ended.exception) == f"{file}: nothing was imported; faults: 1."
    assert ended.stderr == f"{file}:5: the id open stands twice, first in line 2\n"
    assert "No draft" in run("review", "--as", "s2")


@pytest.mark.parametrize("suffix", ["yaml", "xlsx"])
def test_what_was_exported_changes_nothing(tmp_path: Path, suffix: str) -> None:
    target = str(tmp_path / f"out.{suffix}")
    assert "3 entries" in run("export", target)
    assert "0 entries are new or changed, 3 stay" in run("import", target, "--dry-run")
    with pytest.raises(QuanfuError, match="is there already"):
        run("export", target)


def test_questions_are_added_to_the_set_and_asked(tmp_path: Path) -> None:
    more = tmp_path / "more.tsv"
    more.write_text("query\texpected\n几点收盘\thours\n佣金多少\tfees\n", "utf-8")
    assert "1 questions were added, 1 were known" in run("regress", "--add", str(more), "--as", "s1")
    assert any(line.split() == ["n", "3"] for line in run("regress").splitlines())


def test_without_a_publication_the_packaged_entries_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANFU_DATABASE_URL", f"sqlite:///{tmp_path / 'absent.db'}")
    found = asyncio.run(answering.published(settings.load()))
    assert len(found.entries) > 200
    assert list(tmp_path.glob("absent*")) == []
