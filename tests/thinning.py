"""A whole run spares what would be shown twice: rooms that may not name a database meet one kind in each test.

Handlers and the console have no statement of their own (import contracts `database` and `handlers`). The statements
they lead to stand in storage, whose tests and those of the services run on both kinds. The tests of a file take turns,
so that it meets both kinds. A part run by hand, in one process, runs on both.
"""

from collections import defaultdict
from collections.abc import Mapping

import pytest

ROOMS = ("tests/console/", "tests/handlers/")
TURNS = ("postgres", "sqlite")


def spare(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other kind of database shows, in each process of a run that has several."""
    if hasattr(config, "workerinput"):
        out = spared({item.nodeid: _kind(item) for item in items})
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in out])
        items[:] = [item for item in items if item.nodeid not in out]


def spared(kinds: Mapping[str, str]) -> set[str]:
    """The tests that are left to the other kind; `kinds`: by test, "" where it is on none or on one only."""
    files: dict[str, dict[str, int]] = defaultdict(dict)
    out = set()
    for name, kind in kinds.items():
        if kind in TURNS and name.startswith(ROOMS):
            turns = files[name.split("::")[0]]
            turn = turns.setdefault(name.replace(*TURNS), len(turns))
            out |= set() if kind == TURNS[turn % 2] else {name}
    return out


def _kind(item: pytest.Item) -> str:
    given = item.callspec.params.get("database_url", "") if hasattr(item, "callspec") else ""
    return str(given).removesuffix("_url")
