"""Greetings by the command, looked at and sent; calendars imported."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock, branch_date
from tests.house.sources import ROOT
from tests.journeys.terminal import Terminal

YEAR = ROOT / "storage" / "seeds" / "calendar" / "cn_2026.yaml"


@pytest.fixture
def terminal(demo_terminal: Terminal) -> Terminal:
    return demo_terminal


def test_shows_who_would_get_what_and_why_others_do_not(terminal: Terminal) -> None:
    shown = terminal.told("care", "run", "--date", "2026-02-17")
    everybody, greeted = re.search(r"(\d+) to be greeted, (\d+) will get it", shown).groups()  # type: ignore[union-attr]
    kept_back = [int(number) for number in re.findall(r"^  .+: (\d+)$", shown, re.MULTILINE)]
    assert int(everybody) == 513 == int(greeted) + sum(kept_back)
    assert shown.count("Spring Festival") + shown.count("birthday") == 513
    assert "欧阳**" in shown
    assert "欧阳泽宇" not in shown


def test_sends_today_once_and_neither_tomorrow_nor_long_ago(terminal: Terminal) -> None:
    today = branch_date(SystemClock().now())
    sent = terminal.told("care", "run", "--date", today.isoformat(), "--send")
    assert re.search(r": [1-9]\d* greetings were submitted", sent)  # the reader's own stand-in has a birthday today
    assert "No server" in sent
    assert ": 0 greetings" in terminal.told("care", "run", "--date", today.isoformat(), "--send")
    assert "not come yet" in terminal.refused("care", "run", "--send", "--date", str(today + timedelta(days=1)))
    assert "too long ago" in terminal.refused("care", "run", "--send", "--date", str(today - timedelta(days=2)))


def test_a_missing_year_is_named_and_says_how_to_import_it(terminal: Terminal) -> None:
    said = terminal.refused("care", "run", "--date", "2030-02-03")
    assert "2030" in said
    assert "quanfu calendar import" in said


def test_a_faulty_calendar_changes_nothing_and_tells_every_line(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "year.yaml"
    file.write_text(YEAR.read_text("utf-8").replace("source:", "sauce:"), "utf-8")
    said = terminal.refused("calendar", "import", str(file))
    assert re.search(rf"{re.escape(str(file))}:\d+: ", said)
    assert "sauce" in said


def test_a_calendar_is_imported_again_and_listed(terminal: Terminal) -> None:
    terminal.told("calendar", "import", str(YEAR))
    listed = terminal.told("calendar", "list", LC_ALL="zh_CN.UTF-8")
    assert listed.splitlines()[0].startswith("年份")
    assert [line[:4] for line in listed.splitlines()[1:]] == ["2025", "2026"]
