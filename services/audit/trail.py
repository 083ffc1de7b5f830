"""Reading the audit trail and giving it out: for the console's page, and for the regulator."""

import csv
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from functools import partial
from io import StringIO

from bot.errors import Refused
from bot.vocabulary import Action, Reach
from services import audit
from services.audit import Deed
from services.calendar.branch import DAY
from services.calendar.hours import at
from services.spreadsheet import BYTE_ORDER_MARK, cell
from services.staff import demand, reach
from storage.repositories import audit_lists as rows
from storage.repositories.audit_lists import Line, Wanted
from storage.repositories.staff import Staff
from storage.unit import Database, Unit

AT_ONCE = 1000


class Form(StrEnum):
    """How a file of the audit trail is written."""

    CSV = "csv"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both with all of their hours at the branch."""

    first: date
    last: date

    def within(self, wanted: Wanted) -> Wanted:
        """The list in these days; the first and the last day that a calendar knows stand for any time."""
        since = None if self.first == date.min else at(self.first, time(0))
        until = None if self.last == date.max else at(self.last + DAY, time(0))
        return replace(wanted, since=since, until=until)


def page(unit: Unit, staff: Staff, wanted: Wanted, before: int | None, limit: int) -> list[Line]:
    """A page for somebody; whose reach is their own sees the deeds on staff and settings only."""
    demand(staff, Action.READ_AUDIT)
    own = reach(staff, Action.READ_AUDIT) is Reach.OWN
    return rows.page(unit, replace(wanted, house_only=own), before, limit)


def begin_export(unit: Unit, staff: Staff, days: Days, form: Form, now: datetime) -> None:
    """Note that somebody takes the trail out; Refused where the days are in the wrong order."""
    demand(staff, Action.EXPORT_AUDIT)
    if days.last < days.first:
        raise Refused("audit_days")
    detail = {"from": days.first.isoformat(), "to": days.last.isoformat(), "form": form.value}
    audit.record(unit, Deed("audit.export", "audit", now, staff.id, detail))


async def exported(database: Database, days: Days, form: Form) -> AsyncIterator[str]:
    """The file piece by piece, the oldest entry first; memory holds a thousand entries."""
    wanted, last = days.within(Wanted()), 0
    if form is Form.CSV:
        yield BYTE_ORDER_MARK + _csv([list(_record_names())])
    while found := await database.read(partial(rows.following, wanted=wanted, after=last, limit=AT_ONCE)):
        last = found[-1].id
        yield _csv(map(_cells, found)) if form is Form.CSV else "".join(map(_json, found))


def _record(line: Line) -> Mapping[str, object]:
    return {
        "id": line.id,
        "at": line.at.isoformat(),
        "staff": line.number,
        "action": line.action,
        "object": line.object,
        "detail": line.detail,
        "reason": line.reason,
        "place": line.place,
        "seal": line.seal.hex() if line.seal else None,
        "erased": line.erased,
    }


def _record_names() -> Sequence[str]:
    return ("id", "at", "staff", "action", "object", "detail", "reason", "place", "seal", "erased")


def _json(line: Line) -> str:
    return json.dumps(_record(line), ensure_ascii=False) + "\n"


def _cells(line: Line) -> list[object]:
    record = {**_record(line), "detail": json.dumps(line.detail, ensure_ascii=False) if line.detail else ""}
    return [cell(value) for value in record.values()]


def _csv(lines: Iterator[list[object]] | Sequence[Sequence[object]]) -> str:
    written = StringIO()
    csv.writer(written).writerows(lines)
    return written.getvalue()
