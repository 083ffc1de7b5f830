"""Forms as they come."""

import pytest

from console.deeds import whole_number


@pytest.mark.parametrize(("given", "number"), [("7", 7), ("", 0), ("-7", 0), ("²", 0), ("٧", 0), ("9" * 40, 0)])
def test_what_is_no_number_names_nothing(given: str, number: int) -> None:
    assert whole_number(given) == number
