"""What went wrong, said in words: one page per kind, with a number where the log knows more."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import CalendarYearMissing, Conflict, DatabaseBusy, NotPermitted, Refused, StoreUnavailable
from console.context import Console
from console.reader import Reader, address
from console.visits import FormStale, SignInNeeded

log = logging.getLogger(__name__)

Handler = Callable[[Request, Exception], Awaitable[Response]]


class NotFound(Refused):
    """There is no such thing, or it is not for this person to know of."""


CODES: Mapping[str, Sequence[str]] = {
    "rule": ("rule",),
    "state": ("edition_state", "ticket_state", "broadcast_state"),
    "fault": ("fault",),
    "field": ("content", "category"),
    "what": ("record_field",),
}
"""Parameters of refusals that are codes, and the sections in which their words stand."""


def say(reader: Reader, refused: Refused) -> str:
    """The refusal in the reader's words; one that has none is told with its code, so that it can be asked about."""
    given = {name: _written(reader, name, value) for name, value in refused.parameters.items()}
    if not reader.words.get(f"refused.{refused.key}", ""):
        return reader.words("refused.unnamed", code=refused.key)
    return reader.words(f"refused.{refused.key}", **given)


def _written(reader: Reader, name: str, value: object) -> str:
    """A parameter as the reader reads it: instants by the branch's clock, codes by their words; nothing as a dash."""
    if isinstance(value, datetime):
        return reader.times.short(value)
    named = (reader.words.get(f"{section}.{value}", "") for section in CODES.get(name, ()))
    return next(filter(None, named), str(value)) or "–"


def status_of(refused: Refused) -> int:
    """The answer's status for a refusal that is said on its own page."""
    if isinstance(refused, NotPermitted):
        return 403
    return 409 if isinstance(refused, Conflict) else 422


def handlers(console: Console) -> dict[Any, Any]:
    """The answer to each kind of fault."""
    return {
        SignInNeeded: _sign_in(console),
        FormStale: _page(console, 403, "stale"),
        NotPermitted: _page(console, 403, "forbidden"),
        NotFound: _page(console, 404, "missing"),
        Conflict: _refusal(console, 409),
        Refused: _refusal(console, 422),
        CalendarYearMissing: _page(console, 503, "calendar"),
        DatabaseBusy: _page(console, 503, "busy"),
        StoreUnavailable: _page(console, 503, "busy"),
        404: _page(console, 404, "missing"),
        405: _page(console, 404, "missing"),
        HTTPException: _page(console, 422, "unreadable"),
        Exception: _fault(console),
    }


def _sign_in(console: Console) -> Handler:
    async def handler(request: Request, _: Exception) -> Response:
        if request.method == "GET" and "hx-request" not in request.headers:
            return RedirectResponse(f"/console/login?next={quote(address(request))}", 303)
        return Reader(console, request).render("error.html.j2", 401, kind="expired", number="", words="")

    return handler


def _page(console: Console, status: int, kind: str) -> Handler:
    async def handler(request: Request, _: Exception) -> Response:
        answer = Reader(console, request).render("error.html.j2", status, kind=kind, number="", words="")
        if status == 503:
            answer.headers["Retry-After"] = "5"
        return answer

    return handler


def _refusal(console: Console, status: int) -> Handler:
    async def handler(request: Request, error: Exception) -> Response:
        reader = Reader(console, request)
        words = say(reader, error) if isinstance(error, Refused) else ""
        return reader.render("error.html.j2", status, kind="refused", number="", words=words)

    return handler


def _fault(console: Console) -> Handler:
    async def handler(request: Request, error: Exception) -> Response:
        number = secrets.token_hex(2).upper()
        log.error("console fault %s at %s", number, request.url.path, exc_info=error)
        return Reader(console, request).render("error.html.j2", 500, kind="fault", number=number, words="")

    return handler
