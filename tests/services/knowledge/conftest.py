"""The packaged knowledge base, built once."""

import pytest

from services.knowledge.knowledge import Knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge.from_seeds()
