"""The packaged knowledge base, built once."""

import pytest

from bot.clock import MovableClock
from services.knowledge.knowledge import Knowledge
from storage.unit import Database
from tests import packaged
from tests.services.knowledge.bureau import Bureau, staffed


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return packaged.knowledge()


@pytest.fixture
async def bureau(database: Database, clock: MovableClock) -> Bureau:
    """Where the knowledge base is kept, on each database, without entries."""
    return await staffed(database, clock)
