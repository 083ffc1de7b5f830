"""The packaged calendar, as most tests want it."""

import pytest

from services.calendar import BranchCalendar, BusinessHours, DeadlineRule, packaged_years


@pytest.fixture(scope="session")
def calendar() -> BranchCalendar:
    return BranchCalendar(packaged_years())


@pytest.fixture(scope="session")
def hours(calendar: BranchCalendar) -> BusinessHours:
    return BusinessHours(calendar)


@pytest.fixture(scope="session")
def rule(hours: BusinessHours) -> DeadlineRule:
    return DeadlineRule(hours)
