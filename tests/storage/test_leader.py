"""One process keeps the time; when it is killed, another takes over."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from storage.leader import leadership
from tests.house.sources import ROOT

LEAD = """
import sys, time
from storage.leader import leadership
claim = leadership(sys.argv[1])
sys.stdout.write(f"{claim.take()}\\n")
sys.stdout.flush()
time.sleep(600)
"""
PATIENCE = 20
"""Seconds within which a server notices that a process is gone."""


@contextmanager
def leading_process(url: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has tried to lead; its first line says whether it does."""
    command = [sys.executable, "-c", LEAD, url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_process_leads_only_after_the_first_was_killed(database_url: str) -> None:
    mine = leadership(database_url)
    with leading_process(database_url) as first:
        assert first_line(first) == "True"
        assert not mine.take()
        first.kill()
        first.wait()
        deadline = time.monotonic() + PATIENCE
        while not mine.take():
            assert time.monotonic() < deadline, "nobody took over"
    assert mine.take()
    mine.yield_up()


def test_who_leads_keeps_others_out(database_url: str) -> None:
    mine = leadership(database_url)
    assert mine.take()
    with leading_process(database_url) as second:
        assert first_line(second) == "False"
    mine.yield_up()


def test_who_gave_up_may_lead_again(database_url: str) -> None:
    mine, other = leadership(database_url), leadership(database_url)
    assert mine.take()
    assert not other.take()
    mine.yield_up()
    assert other.take()
    other.yield_up()


@pytest.mark.parametrize("times", [1, 2])
def test_giving_up_twice_is_harmless(database_url: str, times: int) -> None:
    mine = leadership(database_url)
    for _ in range(times):
        mine.yield_up()
    assert mine.take()
    mine.yield_up()
