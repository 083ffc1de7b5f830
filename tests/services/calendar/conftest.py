"""The packaged calendar."""

import pytest

from services.calendar import BranchCalendar, packaged_years


@pytest.fixture(scope="session")
def calendar() -> BranchCalendar:
    return BranchCalendar(packaged_years())
