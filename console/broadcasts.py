"""Broadcasts, read only: the list, and one with its report."""

from starlette.responses import Response

from bot.errors import Refused
from bot.links import carded
from bot.messages import Card
from bot.vocabulary import Action
from console import cursors, faults
from console.visits import Visit
from services import segments
from services.media.kinds import is_picture
from services.segments import Sentences
from storage.repositories import broadcast_lists, deliveries, media
from storage.repositories.broadcast_lists import Item
from storage.repositories.deliveries import Count
from storage.repositories.listing import Whose
from storage.repositories.media import Kept
from storage.unit import Unit

PAGE = 40


def _authors(visit: Visit) -> Whose:
    """Whose broadcasts the person may see."""
    return visit.whose(Action.STOP_BROADCAST)


async def index(visit: Visit) -> Response:
    """All broadcasts with their progress, newest first."""

    def look(unit: Unit) -> tuple[list[Item], broadcast_lists.Progress]:
        found = broadcast_lists.page(unit, _authors(visit), cursors.number(visit, "broadcasts"), PAGE)
        return found, broadcast_lists.progress(unit, [item.id for item in found[:PAGE]])

    items, progress = await visit.console.database.read(look)
    shown = items[:PAGE]
    more = cursors.written(visit, "broadcasts", shown[-1].id) if len(items) > PAGE else ""
    return visit.page("broadcasts.html.j2", items=shown, progress=progress, more=more)


async def show(visit: Visit) -> Response:
    """One broadcast: its text, whom it means, its approval, and what became of it by channel, state and reason."""

    def look(unit: Unit) -> tuple[Item, Kept | None, list[Count]]:
        item, kept = _found(visit, unit)
        return item, kept, deliveries.counts(unit, item.id)

    item, kept, counts = await visit.console.database.read(look)
    totals: dict[str, int] = {}
    for count in counts:
        totals[count.state] = totals.get(count.state, 0) + count.number
    return visit.page(
        "broadcast.html.j2",
        item=item,
        meant=_meant(visit, item),
        kept=kept,
        drawn=kept is not None and is_picture(kept.type),
        cards=_cards(item),
        counts=counts,
        totals=totals,
    )


async def enclosed(visit: Visit) -> Response:
    """The picture or file that clients are shown below the text."""
    _, kept = await visit.console.database.read(lambda unit: _found(visit, unit))
    handed = await visit.console.library.hand_out(kept) if kept else None
    if handed is None:
        raise faults.NotFound("page_unknown")
    return Response(handed.content, media_type=handed.type, headers=dict(handed.headers))


def _found(visit: Visit, unit: Unit) -> tuple[Item, Kept | None]:
    """One that the person may see, and what is shown below its text."""
    item, authors = broadcast_lists.by_id(unit, int(visit.request.path_params["number"])), _authors(visit)
    if item is None or (authors is not None and item.author_id not in authors):
        raise faults.NotFound("page_unknown")
    return item, None if item.media_id is None else media.enclosed(unit, item.media_id)


def _cards(item: Item) -> list[Card]:
    """What is a card where a platform has cards, once for each text."""
    found = [carded(words)[1] for words in item.body.values() if isinstance(words, str)]
    return [card for card in found if card]


def _meant(visit: Visit, item: Item) -> str | None:
    """Whom its frozen condition means; None where that can't be read any more."""
    try:
        condition = segments.read(item.condition)
    except Refused:
        return None
    return Sentences(visit.console.segment_words, visit.console.texts).say(condition, visit.locale)
