"""The columns of a file of entries, the same in YAML and in a spreadsheet, and what stands in them."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from storage.repositories.editions import Content

ID, VERSION = "id", "version"
TEXTS = ("category", "question", "answer", "question_en", "answer_en")
LISTS = ("phrasings", "phrasings_en", "not_about", "related")
FLAGS = ("date_check", "risk_notice")
REVIEW_ON = "review_on"
MORE = "alternatives"
"""Wordings besides those that the entry has; what else stands under `phrasings` replaces them."""

COLUMNS = (
    ID,
    VERSION,
    "category",
    "question",
    "phrasings",
    "answer",
    "question_en",
    "phrasings_en",
    "answer_en",
    "not_about",
    "related",
    "date_check",
    REVIEW_ON,
    "risk_notice",
)
"""In the order of the file. `version` is the one that the file was made from; an entry without it is new."""

_YES, _NO = frozenset({"true", "yes", "1", "\u662f"}), frozenset({"false", "no", "0", "\u5426"})
_BETWEEN_IDS = re.compile(r"[\s,;\uff0c\u3001\uff1b]+")


def row(entry_id: str, version: int, content: Content) -> dict[str, Any]:
    """An entry as it is written: texts, lists of texts, true or false, and days as text; absent ones empty."""
    values = {name: getattr(content, name) for name in (*TEXTS, *FLAGS)}
    values |= {name: list(getattr(content, name)) for name in LISTS}
    on = content.review_on.isoformat() if content.review_on else None
    whole = values | {ID: entry_id, VERSION: version, REVIEW_ON: on}
    return {name: whole[name] for name in COLUMNS}


def value(name: str, texts: Sequence[str]) -> Any:
    """What the texts of a cell mean; ValueError where they mean nothing."""
    if name in (*LISTS, MORE):
        return _list(name, texts)
    if len(texts) > 1:
        raise ValueError(name)
    text = texts[0].strip() if texts else ""
    if name in FLAGS:
        return _flag(name, text)
    if name == REVIEW_ON:
        return date.fromisoformat(text) if text else None
    return text


def _list(name: str, texts: Sequence[str]) -> tuple[str, ...]:
    """One text a line; ids may also stand side by side."""
    lines = [part for text in texts for part in (_BETWEEN_IDS.split(text) if name == "related" else text.splitlines())]
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _flag(name: str, text: str) -> bool | None:
    said = text.lower()
    if not said:
        return None if name == "risk_notice" else False
    if said in _YES | _NO:
        return said in _YES
    raise ValueError(name)
