"""How a message is read before anything is made of it: clean text, its language, the option it picks."""

import re
import unicodedata
from datetime import datetime, timedelta

from bot.messages import Incoming
from bot.vocabulary import Locale, MessageKind
from storage.repositories.conversations import Conversation

LONGEST_QUESTION = 500
"""Characters that are looked at to find an answer; the message itself is kept whole."""

_WORDS = re.compile(r"(?<!\S)[A-Za-z][A-Za-z'-]*[.,;:!?]*(?!\S)")
_NUMBER = re.compile(r"(\d{1,2})[.)\u3001\u3002]?")
_FEW_WORDS = 3


def clean(text: str) -> str:
    """The text without control characters; line ends are one kind, blanks around it are gone."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def language(text: str, spoken: Locale) -> Locale:
    """The language to answer in: Chinese signs and English sentences decide, anything else leaves it as it was."""
    if any("\u4e00" <= sign <= "\u9fff" or "\u3400" <= sign <= "\u4dbf" for sign in text):
        return Locale.ZH_CN
    letters = [sign for sign in text if sign.isalpha()]
    if letters and all(sign.isascii() for sign in letters) and len(_WORDS.findall(text)) >= _FEW_WORDS:
        return Locale.EN
    return spoken


def picked(message: Incoming, conversation: Conversation, now: datetime, span: timedelta) -> tuple[str | None, bool]:
    """The value of the option a message picks, and whether it names a list that holds no more.

    A button gives its value, a number its place in the last list, a text may repeat a label.
    """
    fresh = conversation.options_at is not None and now - conversation.options_at <= span
    options = conversation.options if fresh else ()
    if message.choice is not None:
        return _known(message.choice, [option.value for option in options])
    if message.kind is not MessageKind.TEXT:
        return None, False
    text = unicodedata.normalize("NFKC", message.text).strip()
    number = _NUMBER.fullmatch(text)
    if number and conversation.options_at is not None:
        place = int(number[1])
        return (options[place - 1].value, False) if 0 < place <= len(options) else (None, True)
    return next((option.value for option in options if option.label == message.text), None), False


def _known(value: str, values: list[str]) -> tuple[str | None, bool]:
    return (value, False) if value in values else (None, True)
