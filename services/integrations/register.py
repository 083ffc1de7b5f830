"""Letting a system of the branch in, and shutting it out."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import Refused
from bot.vocabulary import Action, Scope
from services import audit
from services.audit import Deed, Detail
from services.staff import demand
from storage.repositories import integrations as rows
from storage.repositories.integrations import Integration, NewIntegration
from storage.repositories.staff import Staff
from storage.unit import Unit

PREFIX = "quanfu_"
"""Begins each token, so that one is known where it lies about."""

PER_MINUTE = 600
MOST_PER_MINUTE = 60_000

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Wish:
    """A system to be let in."""

    name: str
    scopes: Sequence[Scope]
    per_minute: int = PER_MINUTE


def add(unit: Unit, staff: Staff, wish: Wish, now: datetime) -> str:
    """Let a system in; gives its token, which nobody can see again. Refused for a name that is taken or none."""
    demand(staff, Action.MANAGE_SETTINGS)
    if not _NAME.fullmatch(wish.name):
        raise Refused("integration_name")
    if not wish.scopes:
        raise Refused("integration_scopes")
    if not 1 <= wish.per_minute <= MOST_PER_MINUTE:
        raise Refused("integration_rate", most=MOST_PER_MINUTE)
    if rows.by_name(unit, wish.name) is not None:
        raise Refused("integration_taken", name=wish.name)
    token, scopes = PREFIX + secrets.token_hex(32), sorted(set(wish.scopes))
    rows.add(unit, NewIntegration(wish.name, token, scopes, wish.per_minute, staff.id), now)
    detail: Detail = {"scopes": ",".join(scopes), "per_minute": wish.per_minute}
    audit.record(unit, Deed("integration.add", f"integration:{wish.name}", now, staff.id, detail))
    return token


def revoke(unit: Unit, staff: Staff, name: str, now: datetime) -> None:
    """Shut a system out from its next request on; Refused where there is none, or it is out already."""
    demand(staff, Action.MANAGE_SETTINGS)
    found = rows.by_name(unit, name)
    if found is None:
        raise Refused("integration_unknown", name=name)
    if found.revoked_at is not None:
        raise Refused("integration_gone", name=name)
    rows.revoke(unit, found.id, now)
    audit.record(unit, Deed("integration.revoke", f"integration:{name}", now, staff.id))


def listed(unit: Unit, staff: Staff) -> list[Integration]:
    """All systems, also those that are out."""
    demand(staff, Action.MANAGE_SETTINGS)
    return rows.all_of(unit)
