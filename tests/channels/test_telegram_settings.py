"""What Telegram could never take is refused when the settings are read, not when the first client writes."""

import pytest

from bot import settings
from bot.errors import SettingsWrong


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PROXY", "socks5://127.0.0.1:1080", "must begin with http:// or https://"),
        ("API_ROOT", "api.telegram.org", "must begin with http:// or https://"),
        ("SECRET_TOKEN", "not allowed!", "must be 1 to 256 letters, digits, _ or -"),
        ("SECRET_TOKEN", "x" * 257, "must be 1 to 256 letters, digits, _ or -"),
        ("PAID_RATE", "30", "Input should be greater than 30"),
        ("PAID_RATE", "1001", "Input should be less than or equal to 1000"),
    ],
)
def test_impossible_settings_are_named_without_their_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"QUANFU_TELEGRAM__{name}", value)
    with pytest.raises(SettingsWrong) as caught:
        settings.load()
    assert caught.value.faults == [f"QUANFU_TELEGRAM__{name}: {told}"]


def test_an_http_proxy_and_a_plain_secret_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANFU_TELEGRAM__PROXY", "http://proxy.branch.example:3128")
    monkeypatch.setenv("QUANFU_TELEGRAM__SECRET_TOKEN", "a-Secret_1")
    told = settings.load().telegram
    assert told.proxy == "http://proxy.branch.example:3128"
    assert told.secret_token
    assert told.secret_token.get_secret_value() == "a-Secret_1"
