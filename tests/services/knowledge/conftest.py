"""The packaged knowledge base, built once."""

from collections.abc import AsyncIterator

import pytest

from bot.clock import MovableClock
from services.knowledge.knowledge import Knowledge
from storage.engine import open_engines
from storage.unit import Database
from storage.vault import Vault
from tests import packaged
from tests.services.knowledge.bureau import Bureau, staffed


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return packaged.knowledge()


@pytest.fixture
async def bureau(database: Database, clock: MovableClock) -> Bureau:
    """Where the knowledge base is kept, on each database, without entries."""
    return await staffed(database, clock)


@pytest.fixture
async def sqlite_bureau(sqlite_url: str, clock: MovableClock) -> AsyncIterator[Bureau]:
    """The same where the database makes no difference."""
    opened = Database(open_engines(sqlite_url), Vault((b"t" * 32,)))
    yield await staffed(opened, clock)
    opened.close()
