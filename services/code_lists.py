"""Bind codes for a whole list of clients: who gets one, and why others do not."""

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TextIO

from bot.clock import branch_time
from bot.errors import Refused
from bot.vocabulary import Action
from services import audit
from services.audit import Deed
from services.identity import Identity, Order
from services.spreadsheet import cell
from services.staff import demand, scope
from storage.repositories import audiences, clients
from storage.repositories.fanout import Audience
from storage.repositories.staff import Staff
from storage.unit import Unit

COLUMN = "number"
COLUMNS = (COLUMN, "code", "expires_at", "refused")
MOST = 10_000
"""Clients of one list."""


@dataclass(frozen=True, slots=True)
class Line:
    """One client of the list: a code and its end, or the key of what stands in the way."""

    number: str
    code: str | None = None
    expires_at: datetime | None = None
    refused: str | None = None


def read(file: TextIO, most: int = MOST) -> list[str]:
    """The clients' numbers in a table with a column `number`, each once; Refused where it cannot be read."""
    try:
        table = csv.DictReader(file)
        if COLUMN not in (table.fieldnames or ()):
            raise Refused("list_without_numbers", column=COLUMN)
        found = dict.fromkeys(number for row in table if (number := (row[COLUMN] or "").strip()))
        return _bounded(found, most)
    except (csv.Error, UnicodeDecodeError):
        raise Refused("list_unreadable") from None


def members(unit: Unit, staff: Staff, audience: Audience) -> list[str]:
    """The numbers of a segment's clients, as far as the person may give them codes."""
    whose = scope(staff, Action.ISSUE_BIND_CODE)
    return _bounded(audiences.numbers(unit, audience, whose, MOST + 1))


def _bounded(numbers: Collection[str], most: int = MOST) -> list[str]:
    if len(numbers) > most:
        raise Refused("list_too_long", most=most)
    return list(numbers)


def hand_out(unit: Unit, identity: Identity, staff: Staff, numbers: Sequence[str], order: Order) -> list[Line]:
    """A code for each, by the pattern of `order`; what is refused to one client does not stop the others."""
    demand(staff, Action.ISSUE_BIND_CODE)
    return [_line(unit, identity, staff, number, order) for number in numbers]


def _line(unit: Unit, identity: Identity, staff: Staff, number: str, order: Order) -> Line:
    client = clients.by_number(unit, number)
    if client is None:
        return Line(number, refused="client_unknown")
    try:
        code = identity.hand_out(unit, staff, replace(order, client_id=client.id))
        return Line(number, code, order.at + (order.span or identity.rules.bind_span))
    except Refused as refused:
        return Line(number, refused=refused.key)


def note(unit: Unit, staff: Staff, lines: Sequence[Line], now: datetime) -> None:
    """Write down that a list was handed out; each code has its own line besides."""
    made = sum(line.code is not None for line in lines)
    detail = {"codes": made, "refused": len(lines) - made}
    audit.record(unit, Deed("bind_code.list", f"staff:{staff.id}", now, staff.id, detail))


def begin(file: TextIO) -> None:
    """The head of the table that goes to whoever prints the letters."""
    csv.writer(file).writerow(COLUMNS)


def append(lines: Iterable[Line], file: TextIO) -> None:
    """Lines of the table, on disk when this returns: nobody can read the codes again."""
    out = csv.writer(file)
    for line in lines:
        until = f"{branch_time(line.expires_at):%Y-%m-%d %H:%M}" if line.expires_at else None
        out.writerow([cell(value) for value in (line.number, line.code, until, line.refused)])
    file.flush()
