"""What people arrange on WeChat by command, beside a running server."""

import asyncio
from pathlib import Path

import pytest

from tests.journeys.conftest import Branch
from tests.journeys.terminal import Ended, typed

pytestmark = pytest.mark.asyncio(loop_scope="session")

MENU = "- name: 转人工\n  click: person\n- name: 官网\n  view: https://branch.example\n"


async def command(branch: Branch, *words: str) -> Ended:
    """Run `quanfu wechat …` where the server runs."""
    return await asyncio.to_thread(typed, branch.server.folder, branch.server.settings, "wechat", *words)


async def test_a_menu_is_compared_pushed_and_shown(branch: Branch, tmp_path: Path) -> None:
    file = tmp_path / "menu.yaml"
    file.write_text(MENU, "utf-8")
    branch.wechat.account.menu = None
    differs = await command(branch, "menu", "diff", str(file))
    assert (differs.returncode, "+- name: 转人工" in differs.stdout) == (1, True), differs.stderr
    pushed = await command(branch, "menu", "push", str(file))
    assert pushed.returncode == 0, pushed.stderr
    assert (await command(branch, "menu", "show")).stdout == MENU
    assert (await command(branch, "menu", "diff", str(file))).returncode == 0


async def test_a_wrong_menu_changes_nothing(branch: Branch, tmp_path: Path) -> None:
    file, before = tmp_path / "menu.yaml", branch.wechat.account.menu
    file.write_text("- name: 转人工\n", "utf-8")
    refused = await command(branch, "menu", "push", str(file))
    assert (refused.returncode, refused.stderr) == (2, "转人工: needs one of click, view and scan\n")
    assert branch.wechat.account.menu == before


async def test_a_code_for_a_salon_is_made_and_scanned(branch: Branch) -> None:
    made = await command(branch, "qr", "scene", "salon_2026_12")
    assert made.returncode == 0, made.stderr
    ticket = made.stdout.splitlines()[0].rsplit("/", 1)[1]
    heard = await branch.client().scan(ticket)
    assert heard.statuses == (200,)
    assert heard.text is not None
