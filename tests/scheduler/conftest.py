"""A staffed desk on each database."""

from collections.abc import AsyncIterator

import pytest

from tests.outreach import Desk, opened_desk, staffed


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """A branch with staff, calendars and nobody to write to yet."""
    with opened_desk(database_url) as opened:
        yield await staffed(opened)
