"""One open transaction on a fresh database; nothing of it stays."""

from collections.abc import Iterator

import pytest

from storage.engine import open_engines
from storage.unit import Unit
from storage.vault import Vault


@pytest.fixture
def work(sqlite_url: str) -> Iterator[Unit]:
    """The transaction."""
    engines = open_engines(sqlite_url)
    with engines.writer.connect() as connection:
        connection.begin()
        yield Unit(connection, Vault((b"t" * 32,)))
    engines.dispose()
