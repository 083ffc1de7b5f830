"""A house with clients on each database."""

import pytest

from storage.unit import Database
from tests.services.rights.people import House, furnished


@pytest.fixture
async def house(database: Database) -> House:
    return await furnished(database)
