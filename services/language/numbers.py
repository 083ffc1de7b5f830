"""The numbers that a text states, in digits and in words."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

from storage import seeds

_ARABIC = re.compile(r"(?<![:\d])\d[\d,]*(?:\.\d+)?(?![:\d])")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)%")


def stated(text: str) -> frozenset[float | str]:
    """Every number of a text by its value, and every time of day and every percentage as it is usually written.

    Digits before a Chinese power of ten count together with it.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    return frozenset([*_arabic(plain), *_chinese(plain), *_english(plain), *_times(plain), *_shares(plain)])


def _arabic(text: str) -> Iterator[float]:
    powers: dict[str, int] = _seed()["powers"]
    for match in _ARABIC.finditer(text):
        number = float(match[0].replace(",", ""))
        yield number * powers.get(text[match.end() : match.end() + 1], 1)


def _times(text: str) -> Iterator[float | str]:
    """A full hour also as its number."""
    for hour, minute in _TIME.findall(text):
        yield f"{int(hour)}:{minute}"
        if minute == "00":
            yield float(hour)


def _shares(text: str) -> Iterator[str]:
    yield from (f"{float(number):g}%" for number in _SHARE.findall(text))


def _chinese(text: str) -> Iterator[float]:
    for match in _pattern().finditer(text):
        yield float(value(match[1]))


def value(numeral: str) -> int:
    """The value of a Chinese numeral; digits in a row are read one after the other."""
    digits: dict[str, int] = _seed()["digits"]
    powers: dict[str, int] = _seed()["powers"]
    if not set(numeral) & powers.keys():
        return int("".join(str(digits[sign]) for sign in numeral))
    total = section = part = last = 0
    for sign in numeral:
        if sign in digits:
            last = digits[sign]
            continue
        power = powers[sign]
        if power < MYRIAD:
            part += (last or 1) * power
        elif power == MYRIAD:
            section, part = (part + last or 1) * power, 0
        else:
            total, section, part = total + (section + part + last or 1) * power, 0, 0
        last = 0
    return total + section + part + last


MYRIAD = 10_000


def _english(text: str) -> Iterator[float]:
    words: dict[str, int] = _seed()["words"]
    yield from (float(words[word]) for word in re.findall(r"[a-z]+", text) if word in words)


@cache
def _pattern() -> re.Pattern[str]:
    read = _seed()
    signs = "".join([*read["digits"], *read["powers"]])
    counted = "|".join(f"(?<={word})[{signs}]" for word in read["counted_after"])
    return re.compile(rf"(?<![\d.])([{signs}]{{2,}}|{counted}|[{signs}](?={read['measured']}))")


def _seed() -> dict[str, Any]:
    read: dict[str, Any] = seeds.read("language.yaml")
    return read
