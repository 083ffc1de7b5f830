"""Whether what a model wrote may be said: it holds nothing that the approved entries do not."""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from bot.vocabulary import Purpose
from services.language.numbers import stated
from services.wording import Decision, Wording
from storage import seeds

LONGEST = 900
"""Signs of an answer."""


class Objection(StrEnum):
    """Why a model's words are not said."""

    EMPTY = "empty"
    LONG = "long"
    SOURCE = "source"
    NUMBER = "number"
    LINK = "link"
    DIRECTION = "direction"
    WORDING = "wording"


def objection(text: str, sources: Sequence[str], wording: Wording) -> Objection | None:
    """The first thing that speaks against saying it, given the texts it was made of; None where nothing does."""
    if not text.strip():
        return Objection.EMPTY
    if len(text) > LONGEST:
        return Objection.LONG
    allowed = "\n".join(sources)
    if stated(text) - stated(allowed):
        return Objection.NUMBER
    if set(_links().findall(text)) - set(_links().findall(allowed)):
        return Objection.LINK
    if _directions(text) - _directions(allowed):
        return Objection.DIRECTION
    # What would wait for a compliance officer is not said either: a model's words were released by nobody.
    return None if wording.check(text, purpose=Purpose.REPLY).decision is Decision.PASS else Objection.WORDING


def _directions(text: str) -> set[str]:
    lower = text.lower()
    return {word for word in seeds.read("language.yaml")["directions"] if _held(word, lower)}


def _held(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None if word.isascii() else word in text


@cache
def _links() -> re.Pattern[str]:
    return re.compile(seeds.read("language.yaml")["links"])
