"""A signed-in request: whose it is, that it may come, and that it comes from our own page."""

import secrets
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.clock import branch_date
from bot.errors import CalendarYearMissing, QuanfuError, Refused
from bot.vocabulary import Action, Locale, Reach
from console.context import Console
from console.navigation import permitted
from console.reader import Reader
from services import second_factor
from services.calendar.branch import DAY
from services.calendar.hours import at
from services.imports.files import LARGEST as LARGEST_TABLE
from services.imports.files import MEGABYTE
from services.knowledge.entry import Entry
from services.staff import demand, reach, scope
from storage.repositories import conversation_lists, ticket_lists
from storage.repositories.listing import Whose
from storage.repositories.staff import Staff, StaffSession
from storage.unit import Unit

COOKIE = "quanfu_staff"
LARGEST_FORM = 200_000
"""Bytes of a form; its longest field is a text."""
WITH_PICTURE, WITH_TABLE = "/picture", "/imports/upload"
"""How addresses end whose forms hold a file."""
DRAINED = 4
"""So many times the largest table is read to its end, so that a page can tell that it is too large."""


class SignInNeeded(QuanfuError):
    """Nobody is signed in, or no longer."""


class FormStale(QuanfuError):
    """A form without the token of this sign-in, or from another site."""


@dataclass(frozen=True, slots=True)
class Badges:
    """What waits, beside the entries of the navigation; None where the person may not see it."""

    conversations: int | None = None
    tickets: int | None = None
    overdue: int = 0


@dataclass(frozen=True)
class Visit(Reader):
    """A request of a member of staff."""

    session: StaffSession
    badges: Badges

    @property
    def staff(self) -> Staff:
        """Whose request it is."""
        return self.session.staff

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page inside the shell."""
        console = self.console
        shell = {
            "me": self.staff,
            "csrf": self.session.csrf,
            "entries": permitted(self.staff),
            "badges": self.badges,
            "today": self.today(),
            "quiet": console.rules.quiet,
            "form_key": secrets.token_urlsafe(16),
        }
        return self.render(template, status, **{**shell, **context})

    def may(self, action: Action) -> bool:
        """Whether the person's roles reach that far at least for things of their own."""
        return reach(self.staff, action) is not Reach.NONE

    def whose(self, action: Action) -> Whose:
        """Whose clients and work they may do it with."""
        return scope(self.staff, action)

    def everybodys(self, action: Action) -> bool:
        """Whether they may do it with whatever is anybody's."""
        return reach(self.staff, action) is Reach.ALL

    def own_only(self, action: Action) -> bool:
        """Whether they may see only what is theirs, or their team's."""
        return reach(self.staff, action) is Reach.OWN

    def title_of(self, entry_id: str) -> str:
        """How an entry asks its question, in the reader's language; its id where it is no longer published."""
        entry = self.console.knowledge().entries.get(entry_id)
        return entry_id if entry is None else self.asking(entry)

    def asking(self, entry: Entry) -> str:
        """An entry's question in the reader's language."""
        return entry.english.question if self.locale is Locale.EN and entry.english else entry.question

    def today(self) -> dict[str, Any]:
        """The branch's day, and whether the market is open on it; `trading` is None without a calendar."""
        day = branch_date(self.console.clock.now())
        try:
            trading = self.console.hours().calendar.is_trading_day(day)
        except CalendarYearMissing:
            trading = None
        return {"day": day, "trading": trading}

    async def form(self) -> FormData:
        """The fields of the form that was sent."""
        return await self.request.form(max_files=1 if self.largest_file else 0)

    @property
    def largest_file(self) -> int:
        """Bytes that are read of the file that belongs to the form of this address; 0 where none does."""
        path = self.request.url.path
        if path.endswith(WITH_TABLE):
            return DRAINED * LARGEST_TABLE
        return self.console.library.terms.largest if path.endswith(WITH_PICTURE) else 0


Page = Callable[[Visit], Awaitable[Response]]


def guarded(console: Console, page: Page, action: Action | None = None) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that only a member of staff with a permission reaches."""

    async def admitted(request: Request) -> Response:
        visit = await enter(console, request)
        if request.method == "POST":
            await _check_form(visit)
        if visit.staff.must_change:
            if request.url.path != "/console/password":
                return RedirectResponse("/console/password", 303)
        elif _unproved(visit):
            return RedirectResponse("/console/second", 303)
        if action is not None:
            demand(visit.staff, action)
        return await page(visit)

    async def endpoint(request: Request) -> Response:
        try:
            return await admitted(request)
        finally:
            await request.close()  # a form's file lies aside until then

    return endpoint


BEFORE_SECOND = ("/console/second", "/console/logout")
"""Pages for a sign-in that owes its second factor."""


def _unproved(visit: Visit) -> bool:
    """Whether the person must give a second factor before this page."""
    owed = visit.session.second_at is None and second_factor.needed(visit.staff)
    return owed and visit.request.url.path not in BEFORE_SECOND


async def enter(console: Console, request: Request) -> Visit:
    """The visit of whoever is signed in; SignInNeeded where nobody is."""
    word = request.cookies.get(COOKIE, "")
    if not word:
        raise SignInNeeded

    def look(unit: Unit) -> tuple[StaffSession, Badges]:
        session = console.sign_ins.current(unit, word)
        if session is None:
            raise SignInNeeded
        return session, _badges(console, unit, session.staff)

    session, badges = await console.database.read(look)
    if console.sign_ins.stale(session):
        await console.database.write(lambda unit: console.sign_ins.touch(unit, session.id))
    return Visit(console, request, session, badges)


def ticket_list(
    console: Console, staff: Staff, view: ticket_lists.View, after: tuple[datetime, int] | None = None
) -> ticket_lists.Wanted:
    """A list of tickets as far as the person may see it."""
    now = console.clock.now()
    tomorrow = at(branch_date(now) + DAY, time(0))
    whose = scope(staff, Action.READ_TICKETS)
    return ticket_lists.Wanted(view, staff.id, whose, now, tomorrow, after)


def conversation_list(
    console: Console, staff: Staff, view: conversation_lists.View, after: tuple[datetime, int] | None = None
) -> conversation_lists.Wanted:
    """A list of conversations as far as the person may see it; heads see also what somebody answers first."""
    whose, every = scope(staff, Action.READ_CONVERSATIONS), reach(staff, Action.REASSIGN) is Reach.ALL
    return conversation_lists.Wanted(view, staff.id, whose, console.clock.now(), every, after)


def _badges(console: Console, unit: Unit, staff: Staff) -> Badges:
    """Only what is shown is counted: every page asks, and all that ever was would be read for each."""
    waiting, due, overdue = None, None, 0
    if reach(staff, Action.READ_CONVERSATIONS) is not Reach.NONE:
        queue = conversation_lists.View.WAITING
        waiting = conversation_lists.counts(unit, conversation_list(console, staff, queue), [queue])[queue]
    if reach(staff, Action.READ_TICKETS) is not Reach.NONE:
        today, late = ticket_lists.View.TODAY, ticket_lists.View.OVERDUE
        numbers = ticket_lists.counts(unit, ticket_list(console, staff, today), [today, late])
        due, overdue = numbers[today], numbers[late]
    return Badges(waiting, due, overdue)


async def _check_form(visit: Visit) -> None:
    check_origin(visit.console, visit.request)
    if _length(visit) > LARGEST_FORM + visit.largest_file:
        if visit.request.url.path.endswith(WITH_TABLE):
            raise Refused("import_file_large", most=LARGEST_TABLE // MEGABYTE)
        raise FormStale
    given = visit.request.headers.get("x-csrf") or str((await visit.form()).get("csrf", ""))
    if not secrets.compare_digest(given.encode(), visit.session.csrf.encode()):
        raise FormStale


def _length(visit: Visit) -> int:
    """Bytes of what was sent; a form with a file that does not say counts as endless."""
    given = visit.request.headers.get("content-length", "")
    return int(given) if given.isdecimal() else sys.maxsize if visit.largest_file else 0


def check_origin(console: Console, request: Request) -> None:
    """FormStale unless a form comes from a page of this server; browsers that name no origin are let pass."""
    origin = request.headers.get("origin")
    hosts = {request.headers.get("host", ""), urlsplit(console.public_url).netloc}
    if origin is not None and urlsplit(origin).netloc not in hosts:
        raise FormStale
