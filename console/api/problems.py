"""What went wrong, as problem details (RFC 9457) in the language that the request asks for."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.errors import Conflict, DatabaseBusy, Refused, places
from bot.texts.words import Catalogue, Words
from bot.vocabulary import Locale
from services.integrations.clients import ClientFaulty, ClientUnknown
from services.integrations.tickets import TicketUnknown

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
KIND = "urn:quanfu:problem:"
AGAIN = 5
"""Seconds after which a busy database may be asked again."""

Handler = Callable[[Request, Exception], Awaitable[Response]]


class Fault(BaseModel):
    """One thing that is wrong with what was sent."""

    field: str = Field(description="where it stands; empty where it is the whole")
    fault: str = Field(description="a word for programs, such as missing or check_digit")
    detail: str = Field(description="the same for people")


class Problem(BaseModel):
    """Why a request was not carried out."""

    type: str = Field(description=f"{KIND} and the code")
    title: str
    status: int
    detail: str
    code: str = Field(description="which problem it is, for programs")
    faults: list[Fault] = Field(default=[], description="what is wrong with what was sent, field by field")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem before it is put into words."""

    status: int
    code: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    faults: Sequence[tuple[str, str]] = ()
    retry_after: int | None = None


@cache
def catalogue() -> Catalogue:
    """The API's words."""
    return Catalogue.load("api")


def words_for(request: Request) -> Words:
    """In the language asked for; Chinese where it is neither."""
    asked = request.headers.get("accept-language", "")
    return catalogue().of(Locale.EN if asked.lower().startswith("en") else Locale.ZH_CN)


def told(request: Request, trouble: Trouble) -> Response:
    """The answer that tells a problem."""
    words = words_for(request)
    problem = Problem(
        type=KIND + trouble.code,
        title=words(f"title.{trouble.status}"),
        status=trouble.status,
        detail=words(f"detail.{trouble.code}", **trouble.parameters),
        code=trouble.code,
        faults=[fault_of(words, place, fault) for place, fault in trouble.faults],
    )
    headers = {"Content-Language": words.lang, "Cache-Control": "no-store"}
    if trouble.retry_after is not None:
        headers["Retry-After"] = str(trouble.retry_after)
    if trouble.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem.model_dump(), trouble.status, headers, MEDIA_TYPE)


def fault_of(words: Words, place: str, fault: str) -> Fault:
    """A fault with its words."""
    detail = words.get(f"fault.{fault}", "") or words("fault.other")
    return Fault(field=place, fault=fault, detail=detail)


def handlers() -> dict[Any, Any]:
    """The answer to each kind of error."""
    return {
        RequestValidationError: _unreadable,
        Refused: _refused,
        DatabaseBusy: _busy,
        HTTPException: _http,
        Exception: _broken,
    }


async def _unreadable(request: Request, error: Exception) -> Response:
    """What was sent is not what the document asks for; what it says is never repeated: it may be personal."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    faults = [(".".join(str(part) for part in one["loc"][1:]), str(one["type"])) for one in found]
    return told(request, Trouble(422, "unreadable", faults=faults))


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, ClientFaulty):
        faults = [(bad.field, bad.fault.value) for bad in error.bad]
        return told(request, Trouble(422, error.key, faults=faults))
    if isinstance(error, Refused):
        return told(request, Trouble(_status(error), error.key, error.parameters))
    raise error


def _status(error: Refused) -> int:
    if isinstance(error, ClientUnknown | TicketUnknown) or error.key == "product_unknown":
        return 404
    return 409 if isinstance(error, Conflict) else 422


async def _busy(request: Request, _: Exception) -> Response:
    return told(request, Trouble(503, "busy", retry_after=AGAIN))


async def _http(request: Request, error: Exception) -> Response:
    """What the framework says by itself: no such address or method, a body too large, or one that is no text."""
    if not isinstance(error, HTTPException):
        raise error
    codes = {404: "address_unknown", 405: "method_unknown", 413: "too_large"}
    if error.status_code not in codes:
        return told(request, Trouble(422, "unreadable"))
    answer = told(request, Trouble(error.status_code, codes[error.status_code]))
    answer.headers.update(error.headers or {})
    return answer


async def _broken(request: Request, error: Exception) -> Response:
    log.error("an API request broke: %s", places(error))
    return told(request, Trouble(500, "broken"))
