"""Settings that are wrong: one line each, in words, and no value in it."""

from pathlib import Path

import pytest

from bot.errors import SettingsWrong
from bot.settings import FILE, load

ADDRESS = "must begin with http:// or https://"
NONE = "there is no such setting"
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
        ("RULES__HOUR", "9", f"{NONE}; is QUANFU_RULES__HOURS meant?"),
        ("WECHAT__TOKEEN", "secret", f"{NONE}; is QUANFU_WECHAT__TOKEN meant?"),
        ("WECHAT_TOKEN", "secret", f"{NONE}; is QUANFU_WECHAT__TOKEN meant?"),
        ("DATABASE", "secret", f"{NONE}; is QUANFU_DATABASE_URL meant?"),
        ("LISTEN__PORT", "secret", NONE),
        ("TYPO", "secret", NONE),
        ("PORT", "8000", NONE),
        ("", "secret", NONE),
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


def test_names_that_are_no_settings_are_told_beside_other_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("quanfu_typo", "secret")
    monkeypatch.setenv("QUANFU_RULES__DAILY_CAP", "secret")
    told = faults()
    assert [fault.partition(":")[0] for fault in told] == ["QUANFU_TYPO", "QUANFU_RULES__DAILY_CAP"]
    assert "secret" not in "".join(told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PASSWORD", "read by commands"),
        ("CODE", "123456"),
        ("WEBCHAT", '{"origins": "https://www.example.com"}'),
        ("ACCOUNTS__SECOND", '{"platform": "telegram"}'),
        ("SERVICE_HOST", "10.0.0.1"),
        ("WEB_SERVICE_PORT_HTTP", "8000"),
        ("PORT", "tcp://10.0.0.1:8000"),
        ("PORT_8000_TCP_ADDR", "10.0.0.1"),
    ],
)
def test_names_of_commands_and_those_that_kubernetes_adds_are_no_faults(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"QUANFU_{name}", value)
    assert load().accounts.keys() <= {"second"}


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
