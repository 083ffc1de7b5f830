"""Two records of one person: looking for the second, both side by side with what would stand, and asking for it."""

from dataclasses import dataclass, fields

from starlette.responses import Response

from bot.clock import branch_date
from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action
from console import faults
from console.clients import LONGEST_SEARCH, readable, tabs
from console.deeds import carry_out, submitted
from console.visits import Visit
from services.rights import merging, requests
from services.rights.merging import Comparison, Pair
from services.rights.requests import Wish
from storage.repositories import client_lists, clients
from storage.repositories.client_lists import Item
from storage.repositories.merge_sides import Side
from storage.unit import Unit

SHOWN = tuple(field.name for field in fields(Side) if field.name not in ("public_id", "number"))
"""The fields of both records, in the order of the page."""
MOST = 20
"""Records that a search shows."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Both records; `item` is the one that goes."""

    item: Item
    other: Item
    found: Comparison


async def search(visit: Visit) -> Response:
    """Records that may be of the same person, and those that a search finds."""
    given = await visit.form() if visit.request.method == "POST" else {}
    word = str(given.get("q", ""))[:LONGEST_SEARCH].strip()

    def look(unit: Unit) -> tuple[Item, list[Item], list[Item]]:
        item = readable(visit, unit)
        wanted = client_lists.Wanted(word, visit.whose(Action.MERGE_CLIENTS), limit=MOST)
        found = client_lists.page(unit, wanted)[:MOST] if word else []
        return item, merging.alike(unit, visit.staff, item.id), [one for one in found if one.id != item.id]

    item, alike, found = await visit.console.database.read(look)
    today = branch_date(visit.console.clock.now())
    return visit.page(
        "merge_search.html.j2", item=item, tabs=tabs(visit, item), alike=alike, found=found, word=word, today_on=today
    )


async def show(visit: Visit) -> Response:
    """Both side by side."""
    return await _page(visit)


async def ask(visit: Visit) -> Response:
    """Ask for the merger."""
    form, now = await submitted(visit), visit.console.clock.now()
    back = f"/console/clients/{visit.request.path_params['public_id']}/rights"

    def work(unit: Unit) -> None:
        item, other = _both(visit, unit)
        merging.ask(unit, Wish(item.number, visit.staff, form.text, now), other.number)

    try:
        return await carry_out(visit, form, back, back, work)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await _page(visit, faults.say(visit, refused), form.text, faults.status_of(refused))


async def _page(visit: Visit, error: str = "", text: str = "", status: int = 200) -> Response:
    shown = await visit.console.database.read(lambda unit: _shown(visit, unit))
    against = faults.say(visit, shown.found.against) if shown.found.against else ""
    return visit.page(
        "merge.html.j2",
        status,
        shown=shown,
        names=SHOWN,
        against=against,
        error=error if error != against else "",
        text=text,
        longest=requests.LONGEST_REASON,
        tabs=tabs(visit, shown.item),
        today_on=branch_date(visit.console.clock.now()),
    )


def _both(visit: Visit, unit: Unit) -> tuple[Item, Item]:
    """The record that goes and the one that stays; of one that was merged already there is no page of its own."""
    item = readable(visit, unit)
    other = client_lists.by_public_id(unit, str(visit.request.path_params["other"]))
    if other is None or other.id == item.id:
        raise faults.NotFound("page_unknown")
    return item, other


def _shown(visit: Visit, unit: Unit) -> Shown:
    item, other = _both(visit, unit)
    one, into = (clients.by_id(unit, each.id) for each in (item, other))
    if one is None or into is None:
        raise faults.NotFound("page_unknown")
    return Shown(item, other, merging.compare(unit, visit.staff, Pair(one, into)))
