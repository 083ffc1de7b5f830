"""Days and birthdays as people write them, solar and lunar."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from bot.vocabulary import Birthday
from services.calendar.lunar import LunarDate
from services.client_import.columns import SEED
from services.tables.cells import Fault, Wrong
from services.tables.headings import folded
from storage import seeds

_LEAP_YEAR = 2000
"""Stands in for a year that nobody told, so that 29 February is a day."""
EARLIEST = 1890


def day(text: str) -> date | None:
    """A full solar date; None where it is none."""
    found = _match("solar", text)
    if found is None or found["year"] is None:
        return None
    return _solar(int(found["year"]), int(found["month"] or 0), int(found["day"] or 0))


def told(text: str) -> date:
    """The full solar date of a cell; Wrong where it is none."""
    found = day(text)
    if found is None:
        raise Wrong(Fault.WRONG)
    return found


def birthday(text: str) -> Birthday | None:
    """A birthday with or without its year; None where there is no such day."""
    if found := _match("solar", text):
        year = int(found["year"]) if found["year"] else None
        on = _solar(year or _LEAP_YEAR, int(found["month"] or 0), int(found["day"] or 0))
        return None if on is None else Birthday(on.month, on.day, year)
    found = _match("lunar", text)
    return _lunar(found) if found else None


def written(born: Birthday) -> str:
    """A birthday in signs that `birthday` reads: 1990-05-01, 05-01, lunar 1990-05-01, lunar leap05-01."""
    year = f"{born.year:04}-" if born.year is not None else ""
    leap = "leap" if born.leap else ""
    return f"{'lunar ' if born.lunar else ''}{year}{leap}{born.month:02}-{born.day:02}"


def _solar(year: int, month: int, on: int) -> date | None:
    try:
        return date(year, month, on) if year >= EARLIEST else None
    except ValueError:
        return None


def _lunar(found: Mapping[str, str | None]) -> Birthday | None:
    month, on, year = _month(found["month"] or ""), _day(found["day"] or ""), _year(found["year"])
    try:
        lunar = LunarDate(month, on, bool(found["leap"]))
    except ValueError:
        return None
    if year is not None and year < EARLIEST:
        return None
    return Birthday(lunar.month, lunar.day, year, lunar=True, leap=lunar.leap)


def _match(calendar: str, text: str) -> dict[str, str | None] | None:
    plain = folded(text)
    for pattern in _patterns(calendar):
        if found := pattern.fullmatch(plain):
            return {"year": None, "leap": None} | found.groupdict()
    return None


@cache
def _patterns(calendar: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.ASCII) for pattern in seeds.read(SEED)["dates"][calendar])


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else int(seeds.read(SEED)["months"].get(text, 0))


def _year(text: str | None) -> int | None:
    digits: Mapping[str, int] = seeds.read(SEED)["digits"]
    return None if text is None else int("".join(str(digits.get(sign, sign)) for sign in text))


def _day(text: str) -> int:
    """Of the lunar month; 0 where the signs make no number."""
    if text.isdecimal():
        return int(text)
    tens, digits = seeds.read(SEED)["tens"], seeds.read(SEED)["digits"]
    for head in sorted(tens, key=len, reverse=True):
        if text.startswith(head):
            rest = text.removeprefix(head)
            last = digits.get(rest, 10 if rest in tens and tens[rest] == 1 else None) if rest else 0
            return 0 if last is None else int(tens[head]) * 10 + int(last)
    return int(digits.get(text, 0))
