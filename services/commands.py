"""Whole sentences by which clients give orders, and what sounds like a question."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.vocabulary import ConsentPurpose
from storage import seeds

LONGEST_ORDER = 64
"""Signs of a message that may be an order; longer ones are not even looked at."""


class Command(StrEnum):
    """An order that a client can give in words."""

    MENU = "menu"
    HELP = "help"
    COMPLAINT = "complaint"
    PROGRESS = "progress"
    PERSON = "person"
    BIND = "bind"
    UNBIND = "unbind"
    PREFERENCES = "preferences"
    CHANNEL = "channel"
    RISK = "risk"
    LESSONS = "lessons"
    RESTART = "restart"
    ENGLISH = "english"
    CHINESE = "chinese"
    START = "start"
    SKIP = "skip"
    CANCEL = "cancel"
    CONFIRM = "confirm"
    EDIT = "edit"
    LATER = "later"
    RESUME = "resume"


@dataclass(frozen=True)
class Commands:
    """The branch's list of orders."""

    words: Mapping[str, Command]
    questions: re.Pattern[str]
    common: tuple[str, ...]
    purposes: Mapping[str, ConsentPurpose]

    def of(self, text: str) -> Command | None:
        """The order that a whole text is."""
        return self.words.get(_plain(text)) if len(text) <= LONGEST_ORDER else None

    def purpose_in(self, text: str) -> ConsentPurpose | None:
        """The one kind of messages that a text names; None where it names none, or several."""
        plain = _plain(text)
        named = {purpose for word, purpose in self.purposes.items() if word in plain}
        return named.pop() if len(named) == 1 else None

    def asks(self, text: str) -> bool:
        """Whether a text sounds like a question."""
        return self.questions.search(text.casefold()) is not None


@lru_cache(maxsize=1)
def packaged() -> Commands:
    """The packaged list."""
    seed = seeds.read("dialogue.yaml")
    words = {_plain(word): Command(name) for name, listed in seed["commands"].items() for word in listed}
    named = {_plain(word): ConsentPurpose(name) for name, listed in seed["purposes"].items() for word in listed}
    return Commands(words, re.compile("|".join(seed["asking"])), tuple(seed["common"]), named)


@lru_cache(maxsize=512)
def _plain(text: str) -> str:
    """Letters and digits of a text; every filter of a turn asks for those of the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if sign == "/" or unicodedata.category(sign)[0] in "LN")
