"""The words that commands print, in the terminal's language."""

import os
import sys
import tomllib
from functools import cache
from string import Template

from bot.texts import TEMPLATES
from bot.vocabulary import Locale


def spoken() -> Locale:
    """Chinese where the terminal says so, else English."""
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Locale.ZH_CN if said.lower().startswith("zh") else Locale.EN


@cache
def _words(locale: Locale) -> dict[str, str]:
    with (TEMPLATES / "locales" / locale.value / "commands.toml").open("rb") as file:
        return tomllib.load(file)


def word(key: str, **values: object) -> str:
    """A line by its key; KeyError where it or one of its values is missing."""
    return Template(_words(spoken())[key]).substitute({name: str(value) for name, value in values.items()})


def name(kind: str, value: str) -> str:
    """The word for a value, such as a state or a rule; the value itself where it has none."""
    return _words(spoken()).get(f"{kind}_{value}", value)


def tell(key: str, **values: object) -> None:
    """Print a line."""
    sys.stdout.write(word(key, **values) + "\n")
