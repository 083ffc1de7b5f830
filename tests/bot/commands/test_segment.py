"""`quanfu segment`: what it prints of named segments, and fixed lists from a table."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands import segment
from bot.commands.words import word
from bot.errors import QuanfuError
from bot.texts.words import Catalogue
from bot.vocabulary import AssetBand, Locale, Role
from bot.vocabulary.conditions import ConditionFault
from services.segments import packaged
from storage.repositories import segments as rows
from storage.repositories import staff
from storage.repositories.clients import NewClient, enrol
from storage.repositories.segments import Meaning
from storage.unit import Database, Unit
from tests.bot.commands.conftest import hire

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def fill(unit: Unit) -> None:
    """A head and a manager, three clients, two of them rich, one of these the manager's."""
    for number, role in (("s1", Role.HEAD), ("s3", Role.RM)):
        hire(unit, number, role, NOW)
    manager = staff.by_number(unit, "s3")
    assert manager is not None
    rich = AssetBand.FROM_300
    new = [
        NewClient("C1", "王晓岚", "", "10000000101", "110101199006150011", asset_band=rich, manager_id=manager.id),
        NewClient("C2", "欧阳泽宇", "", "10000000102", "110101199006150012", asset_band=rich, tags=("两融",)),
        NewClient("C3", "赵一", "", "10000000103", "110101199006150013"),
    ]
    enrol(unit, new, NOW)
    packaged.load(unit, NOW)


@pytest.fixture(autouse=True)
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def run(*words: str, by: str = "s1") -> str:
    """What the command prints; its refusal is raised."""
    return CliRunner().invoke(segment.app, [*words, "--as", by], catch_exceptions=False).output


@pytest.mark.usefixtures("filled")
def test_shows_numbers_samples_and_what_is_shared() -> None:
    listed = {line.split()[0]: line.split()[1] for line in run("list").splitlines()}
    assert (listed["高净值"], listed["普通"], len(listed)) == ("2", "0", 14)
    assert run("list", by="s3").splitlines()[0].split()[:2] == ["高净值", "1"]
    counted = run("count", "高净值")
    assert "2" in counted.splitlines()[0]
    assert len(counted.splitlines()) == 2
    assert run("sample", "高净值").split() == ["C1", "王**", "C2", "欧阳**"]
    assert run("overlap", "高净值", "融资融券客户").splitlines() == [
        "仅高净值：1",
        "同时属于两者：1",
        "仅融资融券客户：0",
    ]


@pytest.mark.parametrize("fault", ConditionFault)
def test_every_fault_of_a_condition_is_told_in_words_with_its_place(fault: ConditionFault) -> None:
    told = {"place": "all[1]", "most": 5, "name": "x", "field": "age", "choices": "a, b"}
    for text in (
        word(f"condition_{fault}", **told),
        Catalogue.load("console").of(Locale.ZH_CN)(f"refused.condition_{fault}", **told),
    ):
        assert "all[1]" in text
        assert not set("{}$") & set(text)


@pytest.mark.usefixtures("filled")
def test_a_condition_that_cannot_be_read_is_refused_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps({"all": [{"field": "age", "is": "at_least", "value": "65"}]}))
    with pytest.raises(QuanfuError, match=r"all\[0\].value.*0 至 1000000 的整数"):
        run("create", "坏", "--where", str(file))


def test_a_broken_one_is_listed_among_the_others(filled: Database) -> None:
    for name, condition in (("坏了", {"field": "height"}), ("缺了", {"segment": "没有"})):
        meaning = Meaning(name, "", condition)
        asyncio.run(filled.write(lambda unit, one=meaning: rows.add(unit, one, None, NOW)))  # type: ignore[misc]
    listed = {line.split()[0]: line.split()[1] for line in run("list").splitlines()}
    assert (listed["高净值"], listed["坏了"], listed["缺了"], len(listed)) == ("2", "已失效", "已失效", 16)


@pytest.mark.usefixtures("filled")
def test_creates_and_shows_who_uses_it(tmp_path: Path) -> None:
    where = tmp_path / "where.json"
    where.write_text(json.dumps({"all": [{"segment": "高净值"}, {"field": "tag", "is": "has", "value": "两融"}]}))
    created = run("create", "两融大户", "--where", str(where), "--note", "每月")
    assert created.splitlines()[0] == "两融大户：在分群“高净值”中，且带有标签“两融”"
    assert run("show", "高净值").splitlines()[-1] == "使用者：两融大户"
    where.write_text(json.dumps({"segment": "没有"}))
    with pytest.raises(QuanfuError, match="没有分群“没有”"):
        run("create", "别的", "--where", str(where))


@pytest.mark.usefixtures("filled")
def test_imports_a_fixed_list_and_names_what_was_not_found(tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_text("number\nC2\nC3\nC9\n", encoding="utf-8-sig")
    assert run("import", "沙龙", str(table)).splitlines() == ["沙龙现有2位客户。", "未找到：C9"]
    assert run("sample", "沙龙").split() == ["C2", "欧阳**", "C3", "赵**"]
    table.write_text("name\nC2\n")
    with pytest.raises(QuanfuError, match="number"):
        run("import", "沙龙", str(table))
