"""Carrying a request out once: a repeat with the same key gets the first one's answer."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.errors import Conflict
from storage.repositories import api_answers as rows
from storage.repositories import integrations
from storage.repositories.api_answers import Answer, Asked
from storage.repositories.integrations import Integration
from storage.unit import Unit

__all__ = ["KEPT", "Answer", "Request", "carried_out"]

KEPT = timedelta(days=1)
"""So long a key leads to its answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a system asks to be done; without a key a repeat is carried out again."""

    integration: Integration
    key: str | None
    method: str
    path: str
    body: bytes
    at: datetime


def carried_out(unit: Unit, request: Request, work: Callable[[Unit], Answer]) -> Answer:
    """Do it, or tell what the same request was answered; Conflict where its key was used for another one.

    The requests of one system are carried out one after another. What is refused leaves no trace: its key is free.
    """
    integrations.hold(unit, request.integration.id)
    if request.key is None:
        return work(unit)
    asked = Asked(request.integration.id, request.key, _digest(unit, request))
    if found := rows.former(unit, asked, request.at - KEPT):
        digest, answer = found
        if not hmac.compare_digest(digest, asked.digest):
            raise Conflict("key_used")
        return answer
    answer = work(unit)
    rows.keep(unit, asked, answer, request.at)
    return answer


def _digest(unit: Unit, request: Request) -> bytes:
    """Keyed, for a body may be short and personal."""
    words = f"{request.method} {request.path}\n".encode() + request.body
    return hmac.new(unit.vault.derive("api"), words, sha256).digest()
