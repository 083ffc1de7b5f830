"""Numbers as tables of counter systems write them."""

import re
import unicodedata
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from services.tables.cells import Fault, Wrong

_NOISE = re.compile("[,\\s\u00a5\u5143]")
"""Thousands, blanks and the signs of the currency."""
_NUMBER = r"[+-]?\d{1,13}(?:\.\d{1,12})?"
_FOUR = Decimal("0.0001")


def fen(text: str) -> int:
    """An amount in yuan, as whole fen; what is finer is rounded as money is."""
    return int(_number(text).scaleb(2).to_integral_value(ROUND_HALF_UP))


def owned_fen(text: str) -> int:
    """The same for what cannot be below nothing."""
    return int(_owned(Decimal(fen(text))))


def quantity(text: str) -> Decimal:
    """A number of units, or a price, with up to four places."""
    return _owned(_number(text)).quantize(_FOUR, ROUND_HALF_UP)


def percent(text: str) -> int:
    """A ratio in percent, with or without its sign, rounded down: it must not look safer than it is."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("%")
    return int(_owned(_number(plain)).to_integral_value(ROUND_FLOOR))


def _number(text: str) -> Decimal:
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(_NUMBER, plain, re.ASCII):
        raise Wrong(Fault.WRONG)
    return Decimal(plain)


def _owned(value: Decimal) -> Decimal:
    if value < 0:
        raise Wrong(Fault.WRONG)
    return value
