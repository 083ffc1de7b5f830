"""The first page: what to do next and by when, what today is, and one's own numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from bot.clock import branch_date
from bot.errors import CalendarYearMissing
from bot.vocabulary import Action
from console import misses
from console.visits import Visit, conversation_list, ticket_list
from services import personal_service
from services.calendar import Closure, Occasion, occasions_on
from services.knowledge import reviews
from services.misses import Cluster
from services.rights import copies, requests
from storage.repositories import conversation_lists, ticket_lists
from storage.repositories.client_requests import Listed
from storage.repositories.editions import Edition
from storage.unit import Unit

SHOWN = 8
"""Rows of one block."""

FOLLOWED = {"conversation": Action.READ_CONVERSATIONS, "ticket": Action.READ_TICKETS}
"""What the list of work is brought up to date by, and who may hear of it."""

COUNTED = (conversation_lists.View.WAITING, conversation_lists.View.MINE)
COUNTED_TICKETS = tuple(view for view in ticket_lists.View if view is not ticket_lists.View.ALL)
"""Views whose numbers stand here: nothing that is over is counted."""

UPKEEP = 3
"""Rows of each list of the knowledge base."""


@dataclass(frozen=True, slots=True)
class Due:
    """What waits for this person: conversations in the queue, requests to approve, tickets by their next deadline.

    `written`: what their clients with personal service wrote lately, and the bot answers.
    """

    waiting: list[conversation_lists.Item]
    tickets: list[ticket_lists.Item]
    written: list[conversation_lists.Item]
    requests: list[Listed]


@dataclass(frozen=True, slots=True)
class Today:
    """What the day is."""

    closure: Closure | None
    occasions: tuple[Occasion, ...]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What the knowledge base asks for: answers to look at again, and questions that nobody has answered."""

    overdue: list[Edition]
    clusters: Sequence[Cluster]


async def show(visit: Visit) -> Response:
    """The page."""

    def look(unit: Unit) -> tuple[Due, dict[str, dict[str, int]], list[Edition]]:
        due = Due(_waiting(visit, unit), _tickets(visit, unit), _written(visit, unit), _requests(visit, unit))
        return due, _numbers(visit, unit), _overdue(visit, unit)

    due, numbers, overdue = await visit.console.database.read(look)
    clusters = (await misses.queue(visit)).clusters if visit.may(Action.READ_MISSES) else ()
    return visit.page(
        "home.html.j2",
        due=due,
        topics=" ".join(topic for topic, action in FOLLOWED.items() if visit.may(action)),
        numbers=numbers,
        upkeep=Upkeep(overdue, clusters),
        upkeep_shown=UPKEEP,
        may_read_misses=visit.may(Action.READ_MISSES),
        may_write=visit.may(Action.WRITE_KNOWLEDGE),
        day=_today(visit),
        calendar=visit.console.hours().calendar,
    )


def _overdue(visit: Visit, unit: Unit) -> list[Edition]:
    """For those who can do something about it."""
    if not visit.may(Action.WRITE_KNOWLEDGE):
        return []
    return reviews.overdue(unit, branch_date(visit.console.clock.now()))


async def more(visit: Visit) -> Response:
    """All pages the person may open, for narrow screens."""
    return visit.page("more.html.j2")


def _waiting(visit: Visit, unit: Unit) -> list[conversation_lists.Item]:
    if not visit.may(Action.READ_CONVERSATIONS):
        return []
    wanted = conversation_list(visit.console, visit.staff, conversation_lists.View.WAITING)
    return conversation_lists.page(unit, replace(wanted, limit=SHOWN))[:SHOWN]


def _written(visit: Visit, unit: Unit) -> list[conversation_lists.Item]:
    if not visit.may(Action.READ_CONVERSATIONS):
        return []
    ids = personal_service.written(unit, visit.staff, visit.console.clock.now(), SHOWN)
    return conversation_lists.of(unit, ids)


def _requests(visit: Visit, unit: Unit) -> list[Listed]:
    """What somebody else asked for on a client's behalf, for those who may approve it; and copies that may be taken."""
    if not visit.may(Action.ERASE_CLIENT):
        return []
    ready = copies.ready(unit, visit.staff, visit.console.clock.now())
    return [*requests.to_approve(unit, visit.staff), *ready][:SHOWN]


def _tickets(visit: Visit, unit: Unit) -> list[ticket_lists.Item]:
    """Overdue and due today first; where nothing is, what comes next."""
    if not visit.may(Action.READ_TICKETS):
        return []
    due = ticket_lists.page(unit, ticket_list(visit.console, visit.staff, ticket_lists.View.TODAY))
    mine = ticket_lists.page(unit, ticket_list(visit.console, visit.staff, ticket_lists.View.MINE))
    known = {item.id for item in due}
    return [*due, *(item for item in mine if item.id not in known)][:SHOWN]


def _numbers(visit: Visit, unit: Unit) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    if visit.may(Action.READ_CONVERSATIONS):
        wanted = conversation_list(visit.console, visit.staff, conversation_lists.View.WAITING)
        views = conversation_lists.counts(unit, wanted, COUNTED)
        found["conversations"] = {view.value: views[view] for view in views}
    if visit.may(Action.READ_TICKETS):
        open_ones = ticket_list(visit.console, visit.staff, ticket_lists.View.TODAY)
        tickets = ticket_lists.counts(unit, open_ones, COUNTED_TICKETS)
        found["tickets"] = {view.value: tickets[view] for view in tickets}
    return found


def _today(visit: Visit) -> Today:
    """The day's occasions, and the closure of the market that it is in or before."""
    day = visit.today()["day"]
    try:
        calendar = visit.console.hours().calendar
        closure = calendar.closure_around(day) or calendar.closure_ahead(day)
    except CalendarYearMissing:
        closure = None
    return Today(closure, occasions_on(day))
