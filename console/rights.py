"""What a client may ask of the branch, a copy or the erasure of everything, and the legal hold that forbids it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from bot.clock import branch_date
from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action
from console import faults
from console.clients import allowed, readable, tabs
from console.deeds import Submitted, carry_out, submitted
from console.downloads import attached
from console.visits import Visit
from services.rights import copies, erasure, holds, merging, requests
from services.rights.erasure import Plan
from services.rights.requests import Answer, Wish
from storage.repositories.client_lists import Item
from storage.repositories.client_requests import Listed, Merged
from storage.unit import Unit

REQUESTS = "/console/requests"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of one client."""

    item: Item
    plan: Plan
    asked: list[Listed]
    merged: list[Merged]
    copy_until: datetime | None
    may_hold: bool
    may_set: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was refused: which, why, and the reason that was typed."""

    form: str = ""
    error: str = ""
    text: str = ""


async def index(visit: Visit) -> Response:
    """What waits for a second person, or for its day."""
    listed = await visit.console.database.read(lambda unit: requests.waiting(unit, visit.staff))
    return visit.page("requests.html.j2", listed=listed)


async def show(visit: Visit) -> Response:
    """The rights of one client."""
    return await _page(visit, Filled())


async def copy(visit: Visit) -> Response:
    """Ask for a copy of all that is held of them."""
    return await _wish(visit, "copy", copies.ask)


async def export(visit: Visit) -> Response:
    """The copy that somebody else approved, a ZIP; that it was taken is written down first."""
    form, now = await submitted(visit), visit.console.clock.now()

    def take(unit: Unit) -> copies.Copy:
        return copies.take(unit, visit.staff, readable(visit, unit).number, now)

    try:
        taken = await visit.console.database.write(take)
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await _page(visit, _refused(visit, "copy", form, refused), faults.status_of(refused))
    name = f"{visit.request.path_params['public_id']}-{branch_date(now)}.zip"
    return attached(await asyncio.to_thread(copies.packed, taken), "application/zip", name)


async def erase(visit: Visit) -> Response:
    """Ask for the erasure."""
    return await _wish(visit, "erase", erasure.ask)


async def hold(visit: Visit) -> Response:
    """Set a legal hold."""
    return await _wish(visit, "hold", holds.put)


async def release(visit: Visit) -> Response:
    """Lift the legal hold."""
    return await _wish(visit, "release", holds.lift)


async def settle(visit: Visit) -> Response:
    """Carry out what somebody else asked for, or say no."""
    form, deed = await submitted(visit), visit.request.path_params["deed"]
    if deed not in SETTLED:
        raise faults.NotFound("page_unknown")
    answer = Answer(visit.request.path_params["number"], visit.staff, visit.console.clock.now(), form.text)
    back = REQUESTS if deed == "erase" else _address(visit)
    return await _act(visit, form, ("settle", back), lambda unit, _: SETTLED[deed](unit, answer))


SETTLED: dict[str, Callable[[Unit, Answer], object]] = {
    "erase": erasure.approve,
    "merge": merging.approve,
    "copy": copies.approve,
    "decline": requests.decline,
}
"""What may become of a request, as addresses name it."""


async def _wish(visit: Visit, name: str, work: Callable[[Unit, Wish], object]) -> Response:
    form, now = await submitted(visit), visit.console.clock.now()

    def ask(unit: Unit, item: Item) -> None:
        work(unit, Wish(item.number, visit.staff, form.text, now))

    return await _act(visit, form, (name, _address(visit)), ask)


async def _act(visit: Visit, form: Submitted, done: tuple[str, str], work: Callable[[Unit, Item], object]) -> Response:
    name, back = done
    try:
        return await carry_out(visit, form, _address(visit), back, lambda unit: work(unit, readable(visit, unit)))
    except (NotPermitted, faults.NotFound):
        raise
    except Refused as refused:
        return await _page(visit, _refused(visit, name, form, refused), faults.status_of(refused))


def _refused(visit: Visit, name: str, form: Submitted, refused: Refused) -> Filled:
    return Filled(name, faults.say(visit, refused), form.text)


def _address(visit: Visit) -> str:
    return f"/console/clients/{visit.request.path_params['public_id']}/rights"


async def _page(visit: Visit, filled: Filled, status: int = 200) -> Response:
    shown = await visit.console.database.read(lambda unit: _shown(visit, unit))
    return visit.page(
        "client_rights.html.j2",
        status,
        shown=shown,
        filled=filled,
        longest=requests.LONGEST_REASON,
        tabs=tabs(visit, shown.item),
        today_on=branch_date(visit.console.clock.now()),
    )


def _shown(visit: Visit, unit: Unit) -> Shown:
    item, now = readable(visit, unit), visit.console.clock.now()
    ready = [
        one.request.finished_at for one in copies.ready(unit, visit.staff, now) if one.request.client_id == item.id
    ]
    return Shown(
        item=item,
        plan=erasure.plan(unit, visit.staff, item.number, now),
        asked=requests.about(unit, visit.staff, item.id),
        merged=merging.history(unit, item.id),
        copy_until=ready[-1] + copies.VALID if ready and ready[-1] else None,
        may_hold=allowed(visit, Action.HOLD_CLIENT, item),
        may_set=allowed(visit, Action.SET_CLIENT_STATE, item),
    )
