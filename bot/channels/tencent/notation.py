"""XML and JSON, the two notations an account can choose for what is pushed to it and answered.

Both are read into the same plain fields, also for events that no library has a class for.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

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
        root = json.loads(text) if notation_of(text) is Notation.JSON else _in_xml(text)
    except (ParseError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None
    if not isinstance(root, dict):
        raise ValueError("no fields")
    return root


class _Undefined(TreeBuilder):
    """Refuses a document that defines anything of its own, which is how entities come in."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise ValueError("a document type")


def _in_xml(text: str) -> object:
    parser = XMLParser(target=_Undefined())  # noqa: S314 - what makes it unsafe is refused
    parser.feed(legible(text))  # the platform passes on what a phone typed, also what XML forbids
    root = parser.close()
    return _value(root) if root.tag == "xml" else None


def _value(element: Element) -> object:
    """Its text, or the fields that stand in it; several of one name are a list."""
    if not len(element):
        return (element.text or "").strip() or None
    found: dict[str, object] = {}
    for inner in element:
        value, before = _value(inner), found.get(inner.tag)
        if inner.tag not in found:
            found[inner.tag] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            found[inner.tag] = [before, value]
    return found


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
