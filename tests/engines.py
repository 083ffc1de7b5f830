"""Each test opens its database anew; what costs time in that is kept for the next test's.

Compiling the same statements again took a sixth of the run, connecting to PostgreSQL a fourth of its tests.
"""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import create_engine as afresh

from storage import engine as engines

KNOWN: dict[str, Engine] = {}
"""By dialect: an engine that has spoken with its database, or will."""

KEPT = "kept"
"""What a connection that outlives its test calls itself on the server."""

FREE: dict[str, dict[str, set[Engine]]] = {}
"""By address of a database that tests use in turn, and options: the engines that no test has just now."""


def remember(patch: pytest.MonkeyPatch) -> None:
    """Let the engines of this process share their dialect, and with it the compiled statements."""
    patch.setattr(engines, "create_engine", _created)


def keep(address: str) -> None:
    """From now on the engines of this database wait for the next test with their connections open."""
    FREE[address] = {}


def forget(address: str) -> None:
    """Close what waits."""
    for waiting in FREE.pop(address).values():
        for engine in waiting:
            engine.pool.dispose()


def _created(address: str, **options: Any) -> Engine:
    if address not in FREE or "connect_args" not in options:
        return _sharing(afresh(address, query_cache_size=5000, **options))
    waiting = FREE[address].setdefault(repr(options), set())
    return waiting.pop() if waiting else _lasting(address, waiting, options)


def _sharing(engine: Engine) -> Engine:
    known = KNOWN.get(engine.dialect.name)
    if known is None or known.dialect.server_version_info is None:
        KNOWN[engine.dialect.name] = engine
    else:
        engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
    return engine


def _lasting(address: str, waiting: set[Engine], options: dict[str, Any]) -> Engine:
    told = {**options["connect_args"], "application_name": KEPT}
    engine = _sharing(afresh(address, query_cache_size=5000, **{**options, "connect_args": told}))
    engine.dispose = partial(waiting.add, engine)  # type: ignore[method-assign]
    return engine
