"""A broadcast from the first word to the report, by the commands that staff type."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal
from tests.pictures import picture

CREATE = ("broadcast", "create", "--as", "s05", "--name", "年末", "--purpose", "broadcast")
SEGMENT = ("--asset-band", "from_100", "--asset-band", "from_300")


BODY = "请核对联系方式。"
NO_QUIET_HOURS = {"QUANFU_RULES__QUIET_FROM": "00:00", "QUANFU_RULES__QUIET_TO": "00:00"}


@pytest.fixture
def terminal(demo_terminal: Terminal) -> Terminal:
    """At whatever hour the test is run."""
    return replace(demo_terminal, environment=NO_QUIET_HOURS)


def test_a_broadcast_is_written_approved_and_frozen(terminal: Terminal, tmp_path: Path) -> None:
    shown = tmp_path / "poster.png"
    shown.write_bytes(picture())
    assert "awaits approval" in terminal.told(*CREATE, "--body", BODY, *SEGMENT, "--enclose", str(shown))
    wanted = int(re.findall(r"segment: (\d+)", terminal.told("broadcast", "preview", "1", "--as", "s05"))[0])
    assert wanted > 20
    assert "not allow" in terminal.refused("broadcast", "approve", "1", "--yes", "--as", "s05")
    assert "awaits approval" in terminal.refused("broadcast", "send", "1", "--as", "s05")
    read = terminal.told("broadcast", "approve", "1", "--yes", "--as", "s02")
    assert "approved" in read
    assert "For: asset band" in read
    assert "picture or file below" in read
    assert "No server" in terminal.told("broadcast", "send", "1", "--as", "s05", "--wait")
    file = tmp_path / "report.csv"
    terminal.told("broadcast", "report", "1", "--as", "s05", "--csv", str(file))
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == wanted
    assert all(row["name"].endswith("**") and row["state"] == "pending" for row in rows)
    assert f"not sent: {wanted}" in terminal.told("broadcast", "kill", "1", "--as", "s02", "--reason", "test")


def test_a_forbidden_word_is_named(terminal: Terminal) -> None:
    assert "“保本”" in terminal.refused(*CREATE, "--body", "保本理财", *SEGMENT)


def test_wrong_passwords_lock_the_account(terminal: Terminal) -> None:
    for _ in range(5):
        assert "wrong" in terminal.refused("broadcast", "list", "--as", "s05", QUANFU_PASSWORD="not it")
    assert "Locked" in terminal.refused("broadcast", "list", "--as", "s05")


def test_waiting_follows_the_server_until_all_are_accounted_for(terminal: Terminal) -> None:
    terminal.told(*CREATE, "--body", BODY, *SEGMENT)
    terminal.told("broadcast", "approve", "1", "--yes", "--as", "s02")
    with terminal.served():
        told = terminal.told("broadcast", "send", "1", "--as", "s05", "--wait")
    assert re.search(r"\b0 of \d+ still to go", told)
    assert re.search(r"sent +demo channel +– +\d+", told)
    assert "No server" not in told
