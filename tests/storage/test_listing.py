"""Lists are paged by moment and number, in either direction, without a gap or a repeat."""

from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from bot.clock import MovableClock
from storage.repositories import conversation_lists
from storage.repositories.conversation_lists import Item, View, Wanted
from tests.console.stand import Stand, stand

PAGE = 2


async def pages(branch: Stand, view: View) -> list[Item]:
    """Every page of a list, one after the other."""
    found: list[Item] = []
    after = None
    while True:
        wanted = Wanted(view, branch.staff["s01"], whose=None, now=branch.clock.now(), after=after, limit=PAGE)
        items = await branch.database.read(partial(conversation_lists.page, wanted=wanted))
        found += items[:PAGE]
        if len(items) <= PAGE:
            return found
        last = found[-1]
        after = (last.waiting_since or last.at if view is View.WAITING else last.at, last.id)


@pytest.mark.parametrize(("view", "backwards"), [(View.WAITING, False), (View.ALL, True)])
async def test_pages_make_the_whole_list(database_url: str, clock: MovableClock, view: View, backwards: bool) -> None:
    with stand(database_url, clock) as branch:
        for number in range(7):
            await branch.wait(f"text {number}", "C1")
            clock.move(timedelta(minutes=number % 2))  # some at the same moment
        found = await pages(branch, view)
    places = [(item.waiting_since if view is View.WAITING else item.at, item.id) for item in found]
    assert len(set(places)) == len(places) == 7
    assert all((one > two) is backwards for one, two in pairwise(places))
