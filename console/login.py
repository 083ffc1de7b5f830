"""Signing in and out, choosing a password, language and look."""

import asyncio
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import Refused
from bot.vocabulary import Locale
from console import faults
from console.context import Console
from console.navigation import first_page
from console.reader import LOCALE_COOKIE, THEME_COOKIE, THEMES, Reader
from console.visits import COOKIE, SignInNeeded, Visit, check_origin, enter
from services import audit, staff
from services.audit import Deed
from services.staff import Attempt
from storage.repositories import staff as rows
from storage.repositories.staff import Staff
from storage.unit import Unit

YEAR = 365 * 24 * 3600
LONGEST_PASSWORD = 200


async def form(console: Console, request: Request) -> Response:
    """The sign-in page; whoever is signed in goes on."""
    try:
        visit = await enter(console, request)
    except SignInNeeded:
        return await _ask(Reader(console, request))
    return RedirectResponse(_wanted(request, visit.staff), 303)


async def sign_in(console: Console, request: Request) -> Response:
    """Check number and password."""
    check_origin(console, request)
    given = await request.form(max_files=0)
    number, password = str(given.get("number", "")).strip(), str(given.get("password", ""))[:LONGEST_PASSWORD]
    try:
        attempt = await console.database.write(lambda unit: console.sign_ins.attempt(unit, number))
        fits = await asyncio.to_thread(staff.fits, attempt.hash, password)
        return await _opened(console, request, attempt, fits=fits)
    except Refused as refused:
        return await _ask(Reader(console, request), refused, number)


async def demo(console: Console, request: Request) -> Response:
    """Sign a fictional person in with one click; only on a demo branch."""
    check_origin(console, request)
    number = str((await request.form(max_files=0)).get("number", ""))
    found = await console.database.read(lambda unit: rows.by_number(unit, number))
    if not console.demo or found is None or not found.fictional:
        raise faults.NotFound("page_unknown")
    return await _opened(console, request, Attempt(number, found, 0), fits=True)


async def _opened(console: Console, request: Request, attempt: Attempt, *, fits: bool) -> Response:
    def open_session(unit: Unit) -> tuple[Staff, str]:
        person = console.sign_ins.check(unit, attempt, fits=fits)
        audit.record(unit, Deed("staff.sign_in", f"staff:{person.number}", console.clock.now(), person.id))
        return person, console.sign_ins.open(unit, person.id)

    person, word = await console.database.write(open_session)
    answer = RedirectResponse(_wanted(request, person), 303)
    answer.set_cookie(COOKIE, word, path="/console", httponly=True, samesite="lax", secure=console.secure_cookie)
    return answer


async def _ask(reader: Reader, refused: Refused | None = None, number: str = "") -> Response:
    people: list[Staff] = []
    if reader.console.demo:
        people = await reader.console.database.read(lambda unit: [one for one in rows.all_of(unit) if one.fictional])
    error = faults.say(reader, refused) if refused else ""
    wanted = reader.request.query_params.get("next", "")
    return reader.render(
        "login.html.j2", 422 if refused else 200, error=error, number=number, people=people, next=wanted
    )


async def sign_out(visit: Visit) -> Response:
    """End the sign-in."""
    console = visit.console
    await console.database.write(lambda unit: console.sign_ins.close(unit, visit.session.id))
    answer = RedirectResponse("/console/login", 303)
    answer.delete_cookie(COOKIE, path="/console", httponly=True, samesite="lax", secure=console.secure_cookie)
    return answer


async def password_form(visit: Visit) -> Response:
    """The page on which a person chooses a password."""
    return visit.page("password.html.j2", error="")


async def change_password(visit: Visit) -> Response:
    """Take a new password: the old one must be right, the new one be typed twice. Other sign-ins end."""
    given = await visit.form()
    old, new, again = (str(given.get(name, ""))[:LONGEST_PASSWORD] for name in ("old", "new", "again"))
    try:
        hashed = await asyncio.to_thread(_rehash, visit.staff, old, new, again)
    except Refused as refused:
        return visit.page("password.html.j2", 422, error=faults.say(visit, refused))

    def save(unit: Unit) -> None:
        rows.set_password(unit, visit.staff.id, hashed)
        at = visit.console.clock.now()
        rows.end_sessions(unit, visit.staff.id, at, but=visit.session.id)
        audit.record(unit, Deed("staff.password", f"staff:{visit.staff.number}", at, visit.staff.id))

    await visit.console.database.write(save)
    return RedirectResponse(first_page(visit.staff), 303)


def _rehash(person: Staff, old: str, new: str, again: str) -> str:
    if not staff.fits(person.password_hash, old):
        raise Refused("password_old_wrong")
    if new != again:
        raise Refused("password_unequal")
    if new == old:
        raise Refused("password_same")
    return staff.hash_password(new)


async def prefer(console: Console, request: Request) -> Response:
    """Keep the language or the look in the browser."""
    check_origin(console, request)
    given = await request.form(max_files=0)
    answer = RedirectResponse(_inside(str(given.get("next", ""))) or "/console", 303)
    locale, theme = str(given.get("locale", "")), str(given.get("theme", ""))
    for cookie, value, known in ((LOCALE_COOKIE, locale, list(Locale)), (THEME_COOKIE, theme, THEMES)):
        if value in known:
            answer.set_cookie(
                cookie, value, YEAR, path="/console", samesite="lax", secure=console.secure_cookie, httponly=False
            )
    return answer


def _wanted(request: Request, person: Staff) -> str:
    return _inside(request.query_params.get("next", "")) or first_page(person)


def _inside(target: str) -> str:
    """The address if it is one of the console's own pages, else nothing."""
    parts = urlsplit(target)
    own = parts.path == "/console" or parts.path.startswith("/console/")
    here = not parts.scheme and not parts.netloc and own and "\\" not in target and ".." not in parts.path
    return target if here and not parts.path.startswith("/console/login") else ""
