"""A copy of all that is held of one person, for that person: nothing of it names staff but who looks after them.

It is in clear: one asks for it, another approves it, and whoever asked may take it for a day.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from bot.errors import Refused
from bot.vocabulary import Action, Locale
from bot.vocabulary.rights import RequestKind
from services import audit, branch
from services.audit import Deed
from services.branch import Branch
from services.rights import readable, requests
from services.rights.requests import Answer, Asked, Wish
from services.staff import demand
from storage.repositories import client_requests, clients, person_rows
from storage.repositories.client_requests import Listed
from storage.repositories.person_rows import Record
from storage.repositories.staff import Staff
from storage.unit import Unit

DATA = "data.json"
VALID = timedelta(days=1)
"""So long whoever asked may take a copy that was approved."""


@dataclass(frozen=True, slots=True)
class Copy:
    """All that is held of somebody, by table; personal data throughout."""

    number: str
    at: datetime
    branch: Branch
    tables: Mapping[str, Sequence[Record]]


def ask(unit: Unit, wish: Wish) -> int:
    """Ask for a copy; gives the request's number. Also of somebody erased, of whom some must be kept."""
    demand(wish.staff, Action.EXPORT_CLIENT)
    return requests.ask(unit, wish, Asked(RequestKind.COPY, requests.known(unit, wish.number).id))


def approve(unit: Unit, answer: Answer) -> None:
    """Let whoever asked take the copy, for a day."""
    request = requests.taken(unit, answer, RequestKind.COPY)
    requests.approved(unit, answer, request, {})
    client_requests.go_on(unit, request.id, None, answer.at)


def ready(unit: Unit, staff: Staff, now: datetime) -> list[Listed]:
    """The copies that a person may take now, in the order of asking."""
    demand(staff, Action.EXPORT_CLIENT)
    return client_requests.approved(unit, RequestKind.COPY, staff.id, now - VALID)


def take(unit: Unit, staff: Staff, number: str, now: datetime) -> Copy:
    """Gather everything, and note that it was; Refused unless somebody else approved it within a day."""
    demand(staff, Action.EXPORT_CLIENT)
    client = requests.known(unit, number)
    granted = [one.request for one in ready(unit, staff, now) if one.request.client_id == client.id]
    if not granted:
        raise Refused("copy_not_approved")
    tables = person_rows.everything(unit, clients.same(unit, client.id))
    detail = {"rows": sum(map(len, tables.values())), "request": granted[-1].id}
    audit.record(unit, Deed("client.export", f"client:{client.id}", now, staff.id, detail, granted[-1].reason))
    return Copy(client.number, now, branch.present(unit), tables)


def packed(copy: Copy) -> bytes:
    """A ZIP: everything as JSON, and what a reader looks for as a page in each language."""
    held = BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as file:
        about = {"client": copy.number, "at": copy.at.isoformat(), "tables": copy.tables}
        file.writestr(DATA, json.dumps(about, ensure_ascii=False, indent=1))
        for locale in Locale:
            file.writestr(f"{locale}.html", readable.page(readable.Wanted(copy.tables, copy.branch, copy.at, locale)))
    return held.getvalue()
