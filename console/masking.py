"""Numbers as pages show them (names: `services.masking`): the clear value never leaves the server."""

import re

_DIGITS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15,19}|1\d{10}|\d{7,14})(?!\d)")
_TICKET = re.compile(r"((?:TS|ZX)\d{8}-\d{4,})")


def phone(clear: str) -> str:
    """The first three and last four digits; of a short number the last two."""
    digits = re.sub(r"\D", "", clear)
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"****{digits[-2:]}"


def tail(identifier: str) -> str:
    """The last four signs of a chat id or an account."""
    return identifier[-4:]


def email(clear: str) -> str:
    """The first sign of the name, and the whole host."""
    name, _, host = clear.partition("@")
    return f"{name[:1]}***@{host}"


def account(clear: str) -> str:
    """The last four signs of an account."""
    return f"****{clear[-4:]}"


def text(clear: str) -> str:
    """Free text with phones, ids, cards and accounts in it masked; the numbers of tickets are ours."""
    parts = _TICKET.split(clear)
    return "".join(part if place % 2 else _DIGITS.sub(_masked, part) for place, part in enumerate(parts))


def _masked(found: re.Match[str]) -> str:
    return f"{found.group()[:3]}****{found.group()[-4:]}"
