"""A branch on each kind of database."""

import pytest

from bot.clock import MovableClock
from storage.unit import Database
from tests.handlers.rig import Branch


@pytest.fixture
def branch(database: Database, clock: MovableClock) -> Branch:
    """A branch that knows its answers and has no calendar but the packaged ones."""
    return Branch(database, clock)
