"""What the page posts: read with bounds, and only from our own page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request

from bot.messages import Incoming
from bot.vocabulary import Addressee, ChannelKind, MessageKind

ACCOUNT = "main"
LARGEST_FORM = 1 << 20
"""Bytes."""
MOST_DIGITS = 18

_ID = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class FormRefused(Exception):
    """A form that is not taken; `key` names the words that say why."""

    status: int
    key: str


def number(given: str) -> int:
    """What an address or a header names by a number; 0, which nothing has, where it is none or no database takes it."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS else 0


async def read(request: Request) -> Mapping[str, str]:
    """The fields of a form, the first value of each; FormRefused where it is too large or from another site."""
    check_origin(request)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            raise FormRefused(413, "too_long")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=None)
    return {name: values[0] for name, values in fields.items()}


def message(visitor: str, form: Mapping[str, str]) -> Incoming:
    """What the visitor sent. A chip's value holds the choice and its label, so that it reads as it was shown."""
    given = form.get("id", "")
    name = given if _ID.fullmatch(given) else token_hex(12)
    choice, _, label = form.get("choice", "").partition("\t")
    return Incoming(
        sender=chat(visitor),
        platform_id=f"{visitor}:{name}",
        kind=MessageKind.CHOICE if choice else MessageKind.TEXT,
        text=(label or choice)[:200] if choice else form.get("text", ""),
        choice=choice[:200] or None,
    )


def chat(visitor: str) -> Addressee:
    """The visitor's chat."""
    return Addressee(ChannelKind.WEBCHAT, ACCOUNT, visitor)


def check_origin(request: Request) -> None:
    """FormRefused for a form from another site."""
    if not _ours(request):
        raise FormRefused(403, "refused_origin")


def _ours(request: Request) -> bool:
    """Whether a browser says that our own page sent it; a form from elsewhere would lose the visitor's cookie."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin in (None, "null") or urlsplit(origin).netloc == request.headers.get("host")
