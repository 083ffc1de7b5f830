"""What happened with a client, in one order: as much of it as the reader's duties reach."""

from dataclasses import dataclass

from starlette.responses import Response

from bot.clock import branch_date
from bot.vocabulary import Action
from console import cursors
from console.clients import CONTENT, kinds_for, readable, tabs
from console.visits import Visit
from storage.repositories import client_timeline
from storage.repositories.client_lists import Item
from storage.repositories.client_timeline import Kind, Stretch, Wanted
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a timeline, and the kinds that the reader may see."""

    item: Item
    kinds: frozenset[Kind]
    stretch: Stretch


async def show(visit: Visit) -> Response:
    """A page of it, narrowed to one kind if the address names one."""
    asked = visit.request.query_params.get("kind", "")
    chosen = Kind(asked) if asked in list(Kind) else None
    shown = await visit.console.database.read(lambda unit: _shown(visit, unit, chosen))
    mark = shown.stretch.before
    use = _use(shown.item, chosen)
    return visit.page(
        "client_timeline.html.j2",
        item=shown.item,
        stretch=shown.stretch,
        kinds=[kind for kind in Kind if kind in shown.kinds],
        chosen=chosen,
        older=cursors.written(visit, use, mark.at, mark.rank, mark.id) if mark else "",
        tabs=tabs(visit, shown.item),
        content=CONTENT,
        today_on=branch_date(visit.console.clock.now()),
    )


def _use(item: Item, chosen: Kind | None) -> str:
    return f"timeline {item.id} {chosen or ''}"


def _shown(visit: Visit, unit: Unit, chosen: Kind | None) -> Shown:
    item = readable(visit, unit)
    kinds = kinds_for(visit, item)
    wanted = Wanted(
        item.id,
        kinds & {chosen} if chosen else kinds,
        cursors.place(visit, _use(item, chosen)),
        reveals=visit.may(Action.READ_AUDIT),
    )
    return Shown(item, kinds, client_timeline.stretch(unit, wanted))
