"""Work on one version of an entry: saving it, reviewing it, sending it back, giving it up, taking an old one again."""

from collections.abc import Callable, Mapping
from datetime import date

from starlette.responses import Response

from bot.errors import Refused
from bot.vocabulary import Action
from console import faults
from console.contents import content_of, day, typed
from console.deeds import carry_out, submitted
from console.entries import ADDRESS, act, forget, page
from console.visits import Visit
from services.knowledge import reviews
from services.staff import demand
from storage.repositories.editions import Edition, Seen
from storage.repositories.staff import Staff
from storage.unit import Unit

Deed = Callable[[Unit, Staff, Seen, str], Edition]


async def save(visit: Visit) -> Response:
    """Keep what was typed; where somebody was faster, both are shown and nothing typed is lost."""
    edition, fields = await _found(visit), typed(await visit.form())
    form = await submitted(visit)
    seen, back = Seen(edition.id, form.version), ADDRESS.format(edition.entry_id)

    def work(unit: Unit) -> None:
        visit.console.editions.edit(unit, visit.staff, seen, content_of(fields))
        forget(unit, visit.staff.id, edition.id)

    try:
        return await carry_out(visit, form, back, f"{back}#edit", work)
    except Refused as refused:
        error, status = faults.say(visit, refused), faults.status_of(refused)
        return await page(visit, edition.entry_id, fields, error, status)


async def discard(visit: Visit) -> Response:
    """Forget what was typed and not saved."""
    edition = await _found(visit)

    def work(unit: Unit) -> None:
        forget(unit, visit.staff.id, edition.id)

    return await act(visit, edition.entry_id, work)


async def decide(visit: Visit) -> Response:
    """Review it, send it back or give it up."""
    wanted = str(visit.request.path_params["deed"])
    deed = _deeds(visit).get(wanted)
    if deed is None:
        raise faults.NotFound("page_unknown")
    edition, form = await _found(visit), await submitted(visit)
    seen = Seen(edition.id, form.version)
    return await act(visit, edition.entry_id, lambda unit: deed(unit, visit.staff, seen, form.text))


def _deeds(visit: Visit) -> Mapping[str, Deed]:
    editions = visit.console.editions
    return {
        "review": lambda unit, staff, seen, _: editions.review(unit, staff, seen),
        "return": editions.send_back,
        "drop": editions.drop,
        "restore": lambda unit, staff, seen, _: editions.restore(unit, staff, seen.id),
    }


async def confirm(visit: Visit) -> Response:
    """Say that a published answer still holds, and until when."""
    edition, until = await _found(visit), str((await visit.form()).get("review_on", ""))
    form = await submitted(visit)

    def work(unit: Unit) -> None:
        reviews.confirm(unit, visit.staff, Seen(edition.id, form.version), _needed(until), visit.console.clock)

    return await act(visit, edition.entry_id, work)


def _needed(text: str) -> date:
    found = day(text)
    if found is None:
        raise Refused("date_unreadable")
    return found


async def _found(visit: Visit) -> Edition:
    number = int(visit.request.path_params["number"])

    def look(unit: Unit) -> Edition:
        demand(visit.staff, Action.READ_KNOWLEDGE)
        try:
            return visit.console.editions.one(unit, number)
        except Refused:
            raise faults.NotFound("page_unknown") from None

    return await visit.console.database.read(look)
