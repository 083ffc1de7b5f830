"""The packaged knowledge base, built once."""

import pytest

from services.knowledge.knowledge import Knowledge
from tests import packaged


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return packaged.knowledge()
