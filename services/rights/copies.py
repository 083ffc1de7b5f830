"""A copy of all that is held of one person, for that person: nothing of it names staff but who looks after them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from bot.errors import Refused
from bot.vocabulary import Action, Locale
from services import audit, branch
from services.audit import Deed
from services.branch import Branch
from services.rights import readable
from services.staff import demand
from storage.repositories import clients, person_rows
from storage.repositories.person_rows import Record
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST_REASON = 200
DATA = "data.json"


@dataclass(frozen=True, slots=True)
class Wish:
    """Something wanted of the client with a number, by a member of staff, for a reason."""

    number: str
    staff: Staff
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """All that is held of somebody, by table; personal data throughout."""

    number: str
    at: datetime
    branch: Branch
    tables: Mapping[str, Sequence[Record]]


def reason_of(wish: Wish) -> str:
    """The reason as it is kept; Refused without one."""
    words = " ".join(wish.reason.split())[:LONGEST_REASON]
    if not words:
        raise Refused("reason_missing")
    return words


def take(unit: Unit, wish: Wish) -> Copy:
    """Gather everything, and note that it was; Refused without a reason or a client of that number."""
    demand(wish.staff, Action.EXPORT_CLIENT)
    reason, client = reason_of(wish), clients.by_number(unit, wish.number)
    if client is None:
        raise Refused("client_unknown")
    tables = person_rows.everything(unit, clients.same(unit, client.id))
    rows = sum(map(len, tables.values()))
    audit.record(unit, Deed("client.export", f"client:{client.id}", wish.at, wish.staff.id, {"rows": rows}, reason))
    return Copy(client.number, wish.at, branch.present(unit), tables)


def packed(copy: Copy) -> bytes:
    """A ZIP: everything as JSON, and what a reader looks for as a page in each language."""
    held = BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as file:
        about = {"client": copy.number, "at": copy.at.isoformat(), "tables": copy.tables}
        file.writestr(DATA, json.dumps(about, ensure_ascii=False, indent=1))
        for locale in Locale:
            file.writestr(f"{locale}.html", readable.page(readable.Wanted(copy.tables, copy.branch, copy.at, locale)))
    return held.getvalue()
