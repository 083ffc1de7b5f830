"""What a whole run spares is shown once, and nothing is spared where statements stand."""

import pytest

from tests.thinning import ROOMS, TURNS, spared


def named(folder: str, tests: int) -> dict[str, str]:
    """Tests of one file on both kinds of database."""
    return {f"{folder}test_menu.py::test_{test}[{kind}-zh]": kind for test in range(tests) for kind in TURNS}


@pytest.mark.parametrize("folder", ROOMS)
@pytest.mark.parametrize("tests", [1, 2, 5])
def test_each_is_on_one_kind_in_turns(folder: str, tests: int) -> None:
    run = named(folder, tests)
    left = [kind for name, kind in run.items() if name not in spared(run)]
    assert left == [*TURNS, *TURNS, *TURNS][:tests]


def test_the_order_of_the_tests_is_all_that_counts() -> None:
    run = named(ROOMS[0], 5)
    later = named(ROOMS[1], 3)
    assert spared(run | later) == spared(run) | spared(later)


@pytest.mark.parametrize("folder", ["tests/services/", "tests/storage/", "tests/bot/", "tests/journeys/"])
def test_other_rooms_are_on_both(folder: str) -> None:
    assert not spared(named(folder, 5))


def test_what_is_on_no_database_is_not_spared() -> None:
    assert not spared(dict.fromkeys(named(ROOMS[0], 5), ""))
