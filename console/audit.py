"""The audit trail: a list with filters, and the file for the regulator."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Action
from console import cursors
from console.visits import Visit
from services.audit import trail
from services.audit.trail import Days, Form
from storage.repositories.audit_lists import Doer, Wanted

PAGE = 40
LONGEST = 64
NAMES = ("from", "to", "staff", "action", "object", "by")
"""Of the filters, as an address has them."""
TYPES = {Form.CSV: "text/csv", Form.JSONL: "application/x-ndjson"}
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for, as it is shown again."""

    first: str
    last: str
    staff: str
    action: str
    object: str
    by: str

    @property
    def query(self) -> str:
        """The filters as an address holds them."""
        given = {"from": self.first, "to": self.last, "staff": self.staff}
        given |= {"action": self.action, "object": self.object, "by": self.by}
        return urlencode({name: value for name, value in given.items() if value})


async def index(visit: Visit) -> Response:
    """The audit trail, newest first, as far as the person may read it."""
    filters, before = _filters(visit), cursors.number(visit, "audit")
    wanted = _wanted(filters, branch_date(visit.console.clock.now()))
    items = await visit.console.database.read(lambda unit: trail.page(unit, visit.staff, wanted, before, PAGE))
    more = cursors.written(visit, "audit", items[PAGE - 1].id) if len(items) > PAGE else ""
    return visit.page(
        "audit.html.j2",
        items=items[:PAGE],
        more=more,
        filters=filters,
        forms=list(Form),
        doers=list(Doer),
        may_export=visit.may(Action.EXPORT_AUDIT),
    )


async def export(visit: Visit) -> Response:
    """A file of some days; that it was taken is written down first."""
    given, now = await visit.form(), visit.console.clock.now()
    first, last, form = (str(given.get(name, "")) for name in ("from", "to", "form"))
    begin, end = _day(first), _day(last)
    if begin is None or end is None or form not in list(Form):
        raise Refused("date_unreadable")
    days, written = Days(begin, end), Form(form)
    await visit.console.database.write(lambda unit: trail.begin_export(unit, visit.staff, days, written, now))
    name = f"audit-{begin}-{end}.{written}"
    return StreamingResponse(
        trail.exported(visit.console.database, days, written),
        media_type=TYPES[written],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _filters(visit: Visit) -> Filters:
    given = visit.request.query_params
    return Filters(*(given.get(name, "").strip()[:LONGEST] for name in NAMES))


def _wanted(filters: Filters, today: date) -> Wanted:
    """What the filters mean; a day that is none is not asked for."""
    by = Doer(filters.by) if filters.by in list(Doer) else None
    plain = Wanted(staff=filters.staff, action=filters.action, object=filters.object, by=by)
    first, last = _day(filters.first), _day(filters.last)
    if first is None and last is None:
        return plain
    return Days(first or EARLIEST, last or today).within(plain)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST <= found < date.max else None
