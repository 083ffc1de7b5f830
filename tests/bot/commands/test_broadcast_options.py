"""What is given to a broadcast by command."""

import pytest

from bot.clock import MovableClock
from bot.commands.broadcast_options import enclosed
from bot.commands.words import word
from bot.errors import Refused
from storage.unit import Database
from tests.library import LARGEST, shelf
from tests.pictures import AMR, HTML, PDF


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (AMR, "broadcast_enclosed"),
        (b"no file at all", "broadcast_enclosed"),
        (HTML, "broadcast_enclosed_suspected"),
        (PDF + b" " * LARGEST, "broadcast_enclosed_too_large"),
    ],
)
async def test_what_cannot_be_shown_below_is_refused_in_words(
    database: Database, clock: MovableClock, content: bytes, key: str
) -> None:
    with pytest.raises(Refused) as refused:
        await enclosed(shelf(database, clock), content)
    assert (refused.value.key, bool(word(key))) == (key, True)


async def test_a_paper_is_kept(database: Database, clock: MovableClock) -> None:
    assert await enclosed(shelf(database, clock), PDF) == 1
