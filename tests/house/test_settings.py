"""docs/settings.md says of every setting what the code says, and of nothing else."""

import re
import types
from collections.abc import Iterator
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.settings import Settings
from tests.house.sources import ROOT

PREFIX = "QUANFU_"


def models_in(annotation: object) -> list[type[BaseModel]]:
    """The groups of settings that a field may hold directly, not through a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Union, types.UnionType, Annotated):
        return [model for part in get_args(annotation) for model in models_in(part)]
    return []


def rows(model: type[BaseModel], prefix: str = PREFIX) -> Iterator[str]:
    """A line of the table for each setting, groups opened."""
    for name, field in model.model_fields.items():
        inner = models_in(field.annotation)
        if inner:
            yield from (row for group in inner for row in rows(group, f"{prefix}{name.upper()}__"))
        else:
            yield f"| `{prefix}{name.upper()}` | {default(field)} | {field.description} |"


def default(field: FieldInfo) -> str:
    """The default as the page shows it."""
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value == "" or value == {}:
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def documented() -> list[str]:
    """The lines of the page that describe a setting."""
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    return re.findall(rf"^\| `{PREFIX}.*\|$", page, re.MULTILINE)


def test_the_page_describes_every_setting_and_no_other() -> None:
    assert sorted(documented()) == sorted(rows(Settings))


def test_every_setting_has_a_sentence() -> None:
    assert [row for row in rows(Settings) if row.endswith("| None |")] == []


def test_groups_are_opened() -> None:
    assert any(row.startswith("| `QUANFU_TELEGRAM__TOKEN` | – |") for row in rows(Settings))
