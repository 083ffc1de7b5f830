"""Doubtful messages: nobody knows whether they went out; staff look, and decide."""

from starlette.responses import Response

from bot.errors import Conflict
from bot.vocabulary import Action
from console import cursors, faults
from console.deeds import carry_out, submitted
from console.visits import Visit
from services.delivery import doubts
from services.delivery.doubts import Decision, Settlement

PAGE = 40
ADDRESS = "/console/doubts"


async def index(visit: Visit) -> Response:
    """What waits for a decision, oldest first."""
    return await _page(visit)


async def settle(visit: Visit) -> Response:
    """Decide on one; somebody else's earlier decision is told on the page."""
    number, wanted = visit.request.path_params["number"], visit.request.path_params["decision"]
    if wanted not in list(Decision):
        raise faults.NotFound("page_unknown")
    settlement = Settlement(number, Decision(wanted), visit.console.clock.now())
    form = await submitted(visit)
    try:
        return await carry_out(visit, form, ADDRESS, ADDRESS, lambda unit: doubts.settle(unit, visit.staff, settlement))
    except Conflict as conflict:
        return await _page(visit, faults.say(visit, conflict), 409)


async def _page(visit: Visit, error: str = "", status: int = 200) -> Response:
    after = cursors.number(visit, "doubts") or 0
    items = await visit.console.database.read(lambda unit: doubts.listed(unit, visit.staff, after, PAGE))
    more = cursors.written(visit, "doubts", items[PAGE - 1].id) if len(items) > PAGE else ""
    me_may_read = visit.may(Action.READ_CONVERSATIONS)
    return visit.page(
        "doubts.html.j2",
        status,
        items=items[:PAGE],
        more=more,
        error=error,
        decisions=list(Decision),
        me_may_read=me_may_read,
    )
