"""Data files a new database starts from."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@cache
def read(name: str) -> Any:
    """A seed file by its path below this folder; the value is shared, do not change it."""
    return yaml.load((FOLDER / name).read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - the C form of the safe loader


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
