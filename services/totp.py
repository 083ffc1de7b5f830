"""One-time codes of an authenticator (RFC 6238: HMAC-SHA1, six digits, a new one every 30 s)."""

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
ISSUER = "Quanfu"
_SECRET_BYTES = 20
_DRIFT = 1
"""Steps that a clock may be off, either way."""


def new_secret() -> str:
    """A fresh secret in base32, as authenticators take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of one step."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(at: datetime) -> int:
    """The step that an instant lies in."""
    return int(at.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The step near an instant whose code this is; None for a code of none."""
    near = range(step_of(at) - _DRIFT, step_of(at) + _DRIFT + 1)
    return next((step for step in near if hmac.compare_digest(code_at(secret, step).encode(), code.encode())), None)


def address(secret: str, number: str) -> str:
    """What an authenticator reads from the QR code."""
    return f"otpauth://totp/{quote(f'{ISSUER}:{number}')}?secret={secret}&issuer={ISSUER}"
