"""XML and JSON, the two notations an account can choose for what is pushed to it and answered.

Both are read into the same plain fields, also for events that no library has a class for.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from xml.parsers.expat import ExpatError

import xmltodict

Fields = Mapping[str, object]

_ILLEGIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, a database may refuse, and JSON holds only as an escape, which the platform refuses."""


class Notation(StrEnum):
    """What an account's console calls the data format."""

    XML = "xml"
    JSON = "json"


def notation_of(text: str) -> Notation:
    """By the first sign."""
    return Notation.JSON if text.lstrip().startswith("{") else Notation.XML


def read(text: str) -> Fields:
    """The fields of a document; ValueError for one that cannot be read. Entities are refused."""
    try:
        root = json.loads(text) if notation_of(text) is Notation.JSON else xmltodict.parse(text).get("xml")
    except (ExpatError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None
    if not isinstance(root, dict):
        raise ValueError("no fields")
    return root


def word(fields: Fields, name: str) -> str:
    """A field as text; "" where it is absent or no plain value."""
    value = fields.get(name)
    return legible(str(value)) if isinstance(value, str | int) else ""


def rows(fields: Fields, name: str) -> list[Fields]:
    """The rows of a list, in either notation: XML writes one row as no list, JSON the list without its name."""
    inner = fields.get(name, fields.get("List"))
    found = inner.get("List", inner) if isinstance(inner, Mapping) else inner
    listed = found if isinstance(found, list) else [found]
    return [row for row in listed if isinstance(row, Mapping)]


def legible(text: str) -> str:
    """The text without control characters and halves of characters."""
    return _ILLEGIBLE.sub("", text)
