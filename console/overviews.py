"""Pages that only show: today's care, unanswered questions, the audit trail, the channels."""

from datetime import time, timedelta

from starlette.responses import Response

from bot.clock import branch_date
from bot.vocabulary import Action
from console import cursors
from console.visits import Visit
from services.calendar import Occasions, birthdays_on, lunar_of
from services.calendar.hours import at
from storage.repositories import overviews
from storage.repositories.overviews import Traffic
from storage.unit import Unit

LATELY = timedelta(minutes=15)
PAGE = 40


async def care(visit: Visit) -> Response:
    """Today's occasions and birthdays, and what became of today's greetings."""
    today = branch_date(visit.console.clock.now())
    known, birthdays = Occasions.from_seed(), birthdays_on(today)

    def look(unit: Unit) -> tuple[int, overviews.Care]:
        return overviews.born_on(unit, birthdays), overviews.care_since(unit, at(today, time(0)))

    born, greetings = await visit.console.database.read(look)
    return visit.page(
        "care.html.j2",
        lunar=lunar_of(today).date,
        occasions=known.on(today),
        switched_on={occasion.id for occasion in known.due_on(today, known.default_on)},
        mourning=known.mourning_on(today),
        born=born,
        greetings=greetings,
        at=visit.console.rules.care_at,
    )


async def misses(visit: Visit) -> Response:
    """Questions that found no certain answer, newest first."""
    before = cursors.number(visit, "misses")
    items = await visit.console.database.read(lambda unit: overviews.misses(unit, before, PAGE))
    more = cursors.written(visit, "misses", items[PAGE - 1].id) if len(items) > PAGE else ""
    return visit.page("misses.html.j2", items=items[:PAGE], more=more, me_may_read=visit.may(Action.READ_CONVERSATIONS))


async def audit(visit: Visit) -> Response:
    """The audit trail, newest first."""
    before = cursors.number(visit, "audit")
    items = await visit.console.database.read(lambda unit: overviews.deeds(unit, before, PAGE))
    more = cursors.written(visit, "audit", items[PAGE - 1].id) if len(items) > PAGE else ""
    return visit.page("audit.html.j2", items=items[:PAGE], more=more)


async def channels(visit: Visit) -> Response:
    """Each account of each platform with its latest traffic."""
    since = visit.console.clock.now() - LATELY
    accounts = sorted(visit.console.capabilities)

    def look(unit: Unit) -> list[Traffic]:
        return [overviews.traffic(unit, kind, account, since) for kind, account in accounts]

    traffic = await visit.console.database.read(look)
    rows = [
        {"kind": kind, "account": account, "traffic": seen, "can": visit.console.capabilities[kind, account]}
        for (kind, account), seen in zip(accounts, traffic, strict=True)
    ]
    return visit.page("channels.html.j2", rows=rows)
