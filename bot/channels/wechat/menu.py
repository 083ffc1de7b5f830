"""The account's menu: a file that people write, checked as the platform would, and back again."""

from collections.abc import Iterator, Mapping, Sequence

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from bot.errors import SettingsWrong

BUTTONS, ITEMS = 3, 5
NAME_BYTES, ITEM_NAME_BYTES, KEY_BYTES = 16, 40, 128
_KINDS = {"click": ("click", "key"), "view": ("view", "url"), "scan": ("scancode_waitmsg", "key")}
"""What a button does, in the file and on the platform, and where the platform keeps the value."""


class Item(BaseModel):
    """A button: its name, and the one thing it does."""

    model_config = ConfigDict(extra="forbid")

    name: str
    click: str | None = None
    view: str | None = None
    scan: str | None = None

    @property
    def deeds(self) -> dict[str, str]:
        """What it does; one thing in a right menu."""
        return {kind: value for kind in _KINDS if (value := getattr(self, kind)) is not None}


class Button(Item):
    """A button of the bar: it does one thing, or opens a list."""

    items: list[Item] = []

    @model_validator(mode="after")
    def _one_thing(self) -> "Button":
        for item in self.items or [self]:
            if len(item.deeds) != 1:
                raise ValueError(f"{item.name}: needs one of click, view and scan")
        if self.items and self.deeds:
            raise ValueError(f"{self.name}: opens a list and does something")
        return self


def read_menu(text: str) -> list[Button]:
    """The menu of a file; SettingsWrong with one line per fault."""
    try:
        rows = yaml.safe_load(text)
        menu = [Button.model_validate(row) for row in (rows if isinstance(rows, list) else [rows])]
    except yaml.YAMLError as error:
        raise SettingsWrong([f"no YAML: {str(error).splitlines()[0]}"]) from None
    except ValidationError as error:
        raise SettingsWrong([_fault(item["loc"], item["msg"]) for item in error.errors(include_input=False)]) from None
    faults = list(_faults(menu))
    if faults:
        raise SettingsWrong(faults)
    return menu


def _fault(place: tuple[int | str, ...], message: str) -> str:
    return ".".join([*(str(part) for part in place), message.removeprefix("Value error, ")])


def _faults(menu: Sequence[Button]) -> Iterator[str]:
    """What the platform would refuse."""
    if not 1 <= len(menu) <= BUTTONS:
        yield f"{len(menu)} buttons: 1 to {BUTTONS} are allowed"
    for button in menu:
        if len(button.items) > ITEMS:
            yield f"{button.name}: {len(button.items)} entries, at most {ITEMS} are allowed"
        yield from _too_long(button, NAME_BYTES)
        for item in button.items:
            yield from _too_long(item, ITEM_NAME_BYTES)


def _too_long(item: Item, longest: int) -> Iterator[str]:
    if not 1 <= len(item.name.encode()) <= longest:
        yield f"{item.name}: a name has 1 to {longest} bytes"
    for value in (item.click, item.scan):
        if value is not None and not 1 <= len(value.encode()) <= KEY_BYTES:
            yield f"{item.name}: a key has 1 to {KEY_BYTES} bytes"
    if item.view is not None and not item.view.startswith(("http://", "https://")):
        yield f"{item.name}: view needs an address with http:// or https://"


def to_platform(menu: Sequence[Button]) -> dict[str, object]:
    """As the platform takes it."""
    return {"button": [_written(button) for button in menu]}


def _written(item: Item) -> dict[str, object]:
    if isinstance(item, Button) and item.items:
        return {"name": item.name, "sub_button": [_written(one) for one in item.items]}
    [(kind, value)] = item.deeds.items()
    name, place = _KINDS[kind]
    return {"type": name, "name": item.name, place: value}


def shown(menu: Sequence[Button]) -> str:
    """As a file says it."""
    rows = [button.model_dump(exclude_none=True, exclude_defaults=True) for button in menu]
    return yaml.safe_dump(rows, allow_unicode=True, sort_keys=False)


def from_platform(answer: Mapping[str, object]) -> list[Button]:
    """The platform's own, whatever of it a file can say."""
    menu = answer.get("menu")
    rows = menu.get("button") if isinstance(menu, Mapping) else None
    return [Button.model_validate(_read(row)) for row in _rows(rows)]


def _read(row: Mapping[str, object]) -> dict[str, object]:
    items = [_read(one) for one in _rows(row.get("sub_button"))]
    if items:
        return {"name": row.get("name"), "items": items}
    kinds = {theirs: (ours, place) for ours, (theirs, place) in _KINDS.items()}
    ours, place = kinds.get(str(row.get("type")), ("click", "type"))
    return {"name": row.get("name"), ours: row.get(place)}


def _rows(rows: object) -> list[Mapping[str, object]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
