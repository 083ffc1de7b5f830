"""One-time codes as RFC 6238 gives them."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(SECRET, totp.step_of(at)) == code
    assert totp.matching_step(SECRET, code, at) == totp.step_of(at)


@given(st.integers(-5, 5))
def test_a_clock_may_be_half_a_minute_off(steps: int) -> None:
    code = totp.code_at(SECRET, totp.step_of(NOON) + steps)
    assert (totp.matching_step(SECRET, code, NOON) is not None) is (abs(steps) <= 1)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert totp.matching_step(SECRET, code, NOON + timedelta(seconds=1)) is None


def test_an_authenticator_reads_the_secret_and_whose_it_is() -> None:
    secret = totp.new_secret()
    read = urlsplit(totp.address(secret, "s05"))
    assert (read.scheme, read.netloc, read.path) == ("otpauth", "totp", "/Quanfu%3As05")
    assert parse_qs(read.query) == {"secret": [secret], "issuer": ["Quanfu"]}
    assert len(base64.b32decode(secret)) == 20
