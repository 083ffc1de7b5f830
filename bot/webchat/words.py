"""The page's words, from `templates/locales/<locale>/webchat.toml`; both languages have the same keys."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.errors import TextError
from bot.vocabulary import Locale

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"

Words = Mapping[str, Any]


def load() -> dict[Locale, Words]:
    """All words of the page; TextError where the languages differ in their keys."""
    words = {locale: tomllib.loads(_file(locale).read_text("utf-8")) for locale in Locale}
    first, *others = (_keys(table) for table in words.values())
    for other in others:
        if other != first:
            raise TextError(f"webchat.toml: keys that not every language has: {sorted(first ^ other)}")
    return dict(words)


def _file(locale: Locale) -> Path:
    return TEMPLATES / "locales" / locale.value / "webchat.toml"


def _keys(table: Words, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in table.items():
        found |= _keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found
