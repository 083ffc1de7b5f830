"""Whether a push is signed by who knows our token, and new enough."""

import hmac
from datetime import datetime, timedelta

from wechatpy.utils import WeChatSigner

from bot.errors import SignatureWrong

FRESH = timedelta(minutes=10)
"""How far a request's time may lie from ours, on either side."""

_DIGITS = 12
"""A time-stamp has fewer; longer numbers are not even read."""


def signature(*parts: str) -> str:
    """As the platform signs."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def verify(given: str, *parts: str) -> None:
    """Raise SignatureWrong unless `given` is the signature of the parts; the time it takes tells nothing."""
    try:
        right = hmac.compare_digest(signature(*parts).encode(), given.encode())
    except UnicodeEncodeError:
        right = False
    if not right:
        raise SignatureWrong("the signature does not fit")


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Only the one usual spelling of a number counts, so that a stamp has one replay key."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < _DIGITS):
        return False
    age = now.timestamp() - int(timestamp)
    return not timestamp.startswith("0") and abs(age) <= FRESH.total_seconds()
