"""The stand with the people and clients of the console's tests."""

from collections.abc import Iterator

import pytest

from tests.console.stand import Stand, stand


@pytest.fixture
def branch(database_url: str) -> Iterator[Stand]:
    with stand(database_url) as standing:
        yield standing
