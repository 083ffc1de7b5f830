"""What addresses and bodies share: numbers, pages, and which problems an address may answer with."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from console.api.problems import MEDIA_TYPE, Problem

M = TypeVar("M")

MOST = 200
"""Things of a page."""

WrittenNumber = Annotated[str, Field(pattern="^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$"), AfterValidator(str.upper)]
ClientNumber = Annotated[WrittenNumber, Path(description="the branch's number")]
After = Annotated[int, Query(ge=0, le=10**15, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Words on one line."""


class Body(BaseModel):
    """What is sent; a field that is not known is a fault."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What an address may answer instead, for the document."""
    return {code: _problem(code) for code in sorted({401, 403, 429, 503, *codes})}


def _problem(code: int) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    found: dict[str, Any] = {"description": PROBLEMS[code], "content": {MEDIA_TYPE: {"schema": schema}}}
    if code in (429, 503):
        found["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
    return found


PROBLEMS = {
    401: "no token, or none that is good",
    403: "the token has not the scope",
    404: "there is no such thing",
    409: "the Idempotency-Key was used for another request",
    413: "the body is too large",
    422: "what was sent is not taken; `faults` tells why",
    429: "too many requests in a minute",
    503: "the database is busy",
}


def cut(found: Sequence[M], limit: int) -> tuple[Sequence[M], bool]:
    """A page out of what was found with perhaps one more, and whether there are more."""
    return found[:limit], len(found) > limit
