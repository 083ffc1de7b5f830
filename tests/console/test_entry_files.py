"""Entries from a file on the console: shown first with every fault and its line, then taken as drafts."""

import re

import httpx
from sqlalchemy import select

from bot.vocabulary.knowledge import EditionState
from storage.models import AuditRow
from tests.console.bench import states, stock
from tests.console.conftest import Person, SignIn, words
from tests.console.stand import SERVICE, Stand

PAGE = "/console/knowledge/imports"
GOOD = """entries:
  - id: fees
    phrasings: [佣金怎么收, 佣金高吗]
  - id: brand-new
    category: service
    question: 大厅有轮椅吗
    answer: 有，请到服务台借用。
"""
FAULTY = """entries:
  - id: fees
    colour: red
  - id: Bad Id
    question: 问
"""


async def send(person: Person, content: bytes, key: str = "u1") -> httpx.Response:
    """Send a file in."""
    files = {"table": ("entries.yaml", content, "application/yaml")}
    return await person.http.post(f"{PAGE}/upload", data={"csrf": person.csrf, "key": key}, files=files)


def carried(shown: httpx.Response) -> str:
    """The file as the page carries it."""
    found = re.search(r'name="file" value="([^"]+)"', shown.text)
    assert found
    return found[1]


async def test_a_file_is_shown_before_it_is_taken_once_and_recorded(branch: Stand, sign_in: SignIn) -> None:
    await stock(branch)
    person = await sign_in(SERVICE)
    assert f'href="{PAGE}"' in (await person.get("/console/knowledge")).text
    shown = await send(person, GOOD.encode())
    told = words(shown)
    assert (shown.status_code, "将改动 2 个条目" in told, "新条目" in told, "大厅有轮椅吗" in told) == (
        200,
        True,
        True,
        True,
    )
    assert await states(branch, "fees") == [EditionState.PUBLISHED]
    for _ in range(2):
        assert (await person.post(f"{PAGE}/upload", key="t1", file=carried(shown))).status_code == 303
    assert await states(branch, "fees") == [EditionState.DRAFT, EditionState.PUBLISHED]
    assert await states(branch, "brand-new") == [EditionState.DRAFT]
    chosen = select(AuditRow.action).where(AuditRow.action.like("knowledge%"))
    deeds = await branch.database.read(lambda unit: list(unit.session.scalars(chosen)))
    assert len(deeds) == 2
    again = await person.post(f"{PAGE}/upload", key="t2", file=carried(shown))
    assert (again.status_code, "已不改动任何条目" in words(again)) == (422, True)


async def test_faults_are_told_with_their_lines_and_nothing_is_taken(branch: Stand, sign_in: SignIn) -> None:
    await stock(branch)
    person = await sign_in(SERVICE)
    shown = await send(person, FAULTY.encode())
    told = words(shown)
    assert (shown.status_code, 'name="file" value' in shown.text) == (422, False)
    assert "3 – 没有 colour 这个字段" in told
    assert "4 Bad Id 编号不合规" in told
    empty = await send(person, b"", key="u2")
    assert (empty.status_code, "请选择一个有内容的文件" in words(empty)) == (422, True)
    forged = await person.post(f"{PAGE}/upload", key="t1", file="no such thing")
    assert forged.status_code == 422
    assert await states(branch, "fees") == [EditionState.PUBLISHED]
