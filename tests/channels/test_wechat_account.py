"""What an account may be told."""

from dataclasses import replace

import pytest
from pydantic import SecretStr, ValidationError

from bot.errors import SettingsWrong
from bot.settings import Wechat
from tests.channels.wechat import ACCOUNT, OTHER_KEY, channel
from tests.doubles.wechat import AES_KEY, APP_ID

WRONG_KEYS = ["", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "!", "字" * 43, f"{'a' * 43}\n"]


def settings(aes_key: str) -> Wechat:
    return Wechat(app_id=APP_ID, token=SecretStr("t"), aes_key=SecretStr(aes_key), previous_aes_key=SecretStr(aes_key))


@pytest.mark.parametrize("key", WRONG_KEYS)
def test_a_wrong_aes_key_is_told_at_start(key: str) -> None:
    with pytest.raises(ValidationError, match="43 letters and digits"):
        settings(key)


@pytest.mark.parametrize("token", [None, SecretStr("")])
def test_an_account_without_a_token_is_told_at_start(token: SecretStr | None) -> None:
    with pytest.raises(ValidationError, match="token is missing"):
        Wechat(app_id=APP_ID, token=token)


def test_a_right_aes_key_makes_a_channel() -> None:
    assert settings(OTHER_KEY).aes_key is not None
    assert channel(replace(ACCOUNT, previous_aes_key=OTHER_KEY)).account == "main"


def test_a_key_that_is_none_makes_no_channel() -> None:
    with pytest.raises(SettingsWrong, match="account main: an AES key"):
        channel(replace(ACCOUNT, aes_key="!" * 43))


def test_the_account_shows_no_secret() -> None:
    shown = repr(replace(ACCOUNT, previous_aes_key=OTHER_KEY))
    assert not any(secret in shown for secret in (ACCOUNT.token, str(ACCOUNT.secret), AES_KEY, OTHER_KEY))
