"""Measuring the coverage stays cheap: what slipcover searches anew each time is kept.

It marks every line, and takes the marks out of lines that were met often. To do so it goes through every class and
function of the process, some hundred times in a run, and that cost more than the marks did.
"""

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Protocol

import pytest
from slipcover import Slipcover


class Values(Protocol):
    """What the names of a module or of a frame stand for."""

    @property
    def mapping(self) -> Mapping[str, object]: ...


Found = list[FunctionType]
Find = Callable[[Values, set[object]], Found]


def leave_to_workers() -> None:
    """The process that only gives tests out need not read every file that it has not loaded: each worker tells of them.

    It counts after the last patch is undone, so this one stays.
    """
    Slipcover._add_unseen_source_files = lambda _cover, _source: None


def remember(patch: pytest.MonkeyPatch) -> None:
    """Let this process search each module once, and again when it has become larger."""
    patch.setattr(Slipcover, "find_functions", staticmethod(_kept(Slipcover.find_functions)))


def _kept(find: Find) -> Find:
    known: dict[object, tuple[int, Found]] = {}
    met: set[object] = set()

    def functions(values: Values, visited: set[object]) -> Found:
        names = values.mapping
        if "__spec__" not in names:  # what stands in a frame is gone the next time
            return find(values, visited)
        size, found = known.get(names["__name__"], (0, []))
        if size != len(names):
            found = [*found, *find(values, met)]
            known[names["__name__"]] = len(names), found
        return found

    return functions
