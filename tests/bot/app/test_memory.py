"""What is loaded at the start is not searched for garbage again."""

import gc
from collections.abc import Iterator

import pytest

from bot.app import memory


@pytest.fixture
def searching() -> Iterator[None]:
    """Python's garbage collector as it was: what stands is kept in a run of the tests too."""
    before = gc.get_threshold()
    yield
    gc.enable()
    gc.set_threshold(*before)


class Ring:
    """Garbage that only a search finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.usefixtures("searching")
def test_what_is_loaded_is_kept_and_what_comes_later_is_searched() -> None:
    loaded = [Ring()]
    memory.keep()
    assert all(known is not loaded for known in gc.get_objects())
    new = [Ring()]
    assert any(known is new for known in gc.get_objects())


@pytest.mark.usefixtures("searching")
def test_a_start_is_not_searched_and_what_comes_later_is() -> None:
    memory.starting()
    assert not gc.isenabled()
    loaded = [Ring()]
    memory.started()
    assert gc.isenabled()
    assert all(known is not loaded for known in gc.get_objects())


@pytest.mark.usefixtures("searching")
def test_what_was_garbage_before_is_not_kept() -> None:
    gone: list[str] = []

    class Watched(Ring):
        def __del__(self) -> None:
            gone.append("it")

    Watched()
    memory.keep()
    assert gone == ["it"]


@pytest.mark.usefixtures("searching")
def test_what_was_kept_and_became_garbage_goes_with_the_next_call() -> None:
    gone: list[str] = []

    class Watched(Ring):
        def __del__(self) -> None:
            gone.append("it")

    held = [Watched()]
    memory.keep()
    held.clear()
    gc.collect()
    assert gone == []
    memory.keep()
    assert gone == ["it"]
