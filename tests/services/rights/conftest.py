"""A house with clients on each database, and one on SQLite for what no database decides."""

from collections.abc import AsyncIterator

import pytest

from storage.engine import open_engines
from storage.unit import Database
from storage.vault import Vault
from tests.services.rights.people import House, furnished


@pytest.fixture
async def house(database: Database) -> House:
    return await furnished(database)


@pytest.fixture
async def small_house(sqlite_url: str) -> AsyncIterator[House]:
    opened = Database(open_engines(sqlite_url), Vault((b"t" * 32,)))
    yield await furnished(opened)
    opened.close()
