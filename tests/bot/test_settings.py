"""Settings that are wrong: one line each, in words, and no value in it."""

from pathlib import Path

import pytest

from bot.errors import SettingsWrong
from bot.settings import FILE, load

ADDRESS = "must begin with http:// or https://"
HOURS = "must be periods like 09:00-11:30,13:00-17:00, in order"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def faults() -> list[str]:
    with pytest.raises(SettingsWrong) as found:
        load()
    return found.value.faults


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("PUBLIC_URL", "ftp://secret", ADDRESS),
        ("WECHAT__API_ROOT", "secret", ADDRESS),
        ("WECOM__API_ROOT", "secret", ADDRESS),
        ("TELEGRAM__PROXY", "secret", ADDRESS),
        ("RULES__HOUR", "9", "there is no such setting"),
        *(
            ("RULES__HOURS", value, HOURS)
            for value in ("", "secret", "9-17", "25:00-26:00", "09:00", "09:00-09:00", "17:00-09:00")
        ),
        ("RULES__HOURS", "13:00-17:00,09:00-11:30", HOURS),
        ("RULES__HOURS", "09:00-11:30-13:00,17:00", HOURS),
    ],
)
def test_a_wrong_value_is_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, fault: str) -> None:
    monkeypatch.setenv(f"QUANFU_{name}", value)
    assert faults() == [f"QUANFU_{name}: {fault}"]


@pytest.mark.parametrize("value", ["09:00-11:30,13:00-17:00", "09:00-12:00, 12:00-18:00", "00:00-23:59"])
def test_hours_that_are_in_order_are_taken(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("QUANFU_RULES__HOURS", value)
    assert load().rules.hours == value


@pytest.mark.parametrize("content", [b"token = secret", b"listen = [1", b'log_format = "\xff"'])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    [fault] = faults()
    assert fault.startswith(f"{FILE}: cannot be read: ")
    assert "secret" not in fault
