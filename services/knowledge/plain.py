"""Seed files as plain values: tables, lists and texts."""

from collections.abc import Mapping
from pathlib import Path

import yaml

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


def read_plain(path: Path) -> dict[str, Plain]:
    """A YAML file of settings as plain values."""
    loaded: dict[str, Plain] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def table(value: Plain) -> Mapping[str, Plain]:
    """A table; an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def texts(value: Plain) -> tuple[str, ...]:
    """A list, each of it as a text; none where something else stands."""
    return tuple(map(str, value)) if isinstance(value, list) else ()


def lists(value: Plain) -> dict[str, tuple[str, ...]]:
    """A table of lists."""
    return {name: texts(each) for name, each in table(value).items()}
