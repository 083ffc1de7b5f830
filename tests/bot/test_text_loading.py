"""A catalogue with a hole is refused as a whole, and every hole is named."""

import shutil
from pathlib import Path

import pytest

from bot.errors import TextsBroken
from bot.texts import TEMPLATES, Texts
from bot.vocabulary import Locale

GOOD = {
    "messages/thanks/zh_CN.j2": "谢谢{{ name }}",
    "messages/thanks/en.j2": "Thank you, {{ name }}",
    "notices/risk/zh_CN.j2": "市场有风险",
    "notices/risk/en.j2": "Markets carry risk",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(TEMPLATES / "locales", tmp_path / "locales")
    for name, text in GOOD.items():
        put(tmp_path, name, text)
    return tmp_path


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def faults(folder: Path) -> list[str]:
    with pytest.raises(TextsBroken) as caught:
        Texts.load(folder)
    return caught.value.faults


def test_a_whole_catalogue_loads_from_any_folder(folder: Path) -> None:
    texts = Texts.load(folder)
    assert texts.keys() == {"thanks"}
    assert texts.render("thanks", Locale.EN, {"name": "Emily"}) == "Thank you, Emily"


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("messages/late/en.j2", "Late", "messages/late (every channel): no zh_CN"),
        ("messages/thanks/en.wechat.j2", "Hi {{ name }}", "messages/thanks (wechat): no zh_CN"),
        ("messages/thanks/en.j2", "Thanks", "messages/thanks (every channel): en lacks name"),
        ("notices/risk/en.j2", "{{ level }}", "notices/risk (every channel): zh_CN lacks level"),
        ("messages/thanks/fr.j2", "Merci", "messages/thanks/fr.j2: is not named <locale>.j2 or <locale>.<channel>.j2"),
        ("messages/thanks/en.pager.j2", "Hi", "messages/thanks/en.pager.j2: is not named <locale>.j2 or"),
        ("notices/risk/en.j2", "{{ day|weekday }}", "notices/risk/en.j2: line 1: No filter named 'weekday'."),
        ("notices/risk/en.j2", "a\n{% if %}", "notices/risk/en.j2: line 2: "),
        ("locales/en/labels.toml", 'level_p1 = "Critical"', "labels: en lacks "),
        ("locales/en/labels.toml", "level_p1 = Critical", "locales/en/labels.toml: TOMLDecodeError"),
        ("locales/en/formats.toml", 'day = "{day}"', "locales/en/formats.toml: needs 12 months and "),
    ],
)
def test_a_hole_is_named(folder: Path, name: str, text: str, fault: str) -> None:
    put(folder, name, text)
    assert any(line.startswith(fault) for line in faults(folder))


def test_an_empty_folder_is_no_catalogue(tmp_path: Path) -> None:
    found = faults(tmp_path)
    assert "messages: no templates" in found
    assert "notices: no templates" in found
    assert "locales/zh_CN/formats.toml: FileNotFoundError" in found


def test_all_faults_come_at_once(folder: Path) -> None:
    put(folder, "messages/late/en.j2", "Late")
    put(folder, "messages/early/zh_CN.j2", "早")
    assert faults(folder) == ["messages/early (every channel): no en", "messages/late (every channel): no zh_CN"]
