"""An office on each database."""

from collections.abc import Iterator

import pytest

from tests.services.delivery.office import Office, opened


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """A branch with one plain account on the recording channel."""
    with opened(database_url) as running:
        yield running
