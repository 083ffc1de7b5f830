"""The list of clients, masked, with exact look-ups."""

from starlette.responses import Response

from bot.clock import branch_date
from bot.vocabulary import Action
from console import cursors
from console.visits import Visit
from storage.repositories import client_lists
from storage.repositories.client_lists import Wanted

LONGEST_SEARCH = 64


async def index(visit: Visit) -> Response:
    """One page of clients, or those that the search finds."""
    given = await visit.form() if visit.request.method == "POST" else {}
    search = str(given.get("q", ""))[:LONGEST_SEARCH].strip()
    manager_id = visit.staff.id if visit.own_only(Action.READ_CLIENTS) else None
    wanted = Wanted(search, manager_id, cursors.number(visit, "clients") or 0)
    items = await visit.console.database.read(lambda unit: client_lists.page(unit, wanted))
    shown = items[: wanted.limit]
    more = cursors.written(visit, "clients", shown[-1].id) if len(items) > len(shown) else ""
    today = branch_date(visit.console.clock.now())
    return visit.page("clients.html.j2", items=shown, more=more, search=search, today_on=today)
