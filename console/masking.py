"""Personal data as pages show it: the clear value never leaves the server."""

import re

from storage import seeds

_HAN = re.compile(r"[\u3400-\u9fff]")
_DIGITS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15,19}|1\d{10}|\d{7,14})(?!\d)")
LATIN_SHOWN = 4
STARS = "**"


def name(clear: str) -> str:
    """The surname, or the first four letters of a name in another script, and stars that tell no length."""
    if not _HAN.match(clear):
        return clear[:LATIN_SHOWN] + STARS + "*"
    compound = clear[:2] in seeds.read("names/compound_surnames.yaml")["surnames"]
    return clear[: 2 if compound else 1] + STARS


def phone(clear: str) -> str:
    """The first three and last four digits; of a short number the last two."""
    digits = re.sub(r"\D", "", clear)
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"****{digits[-2:]}"


def tail(identifier: str) -> str:
    """The last four signs of a chat id or an account."""
    return identifier[-4:]


def text(clear: str) -> str:
    """Free text with phones, ids, cards and accounts in it masked."""
    return _DIGITS.sub(lambda found: f"{found.group()[:3]}****{found.group()[-4:]}", clear)
