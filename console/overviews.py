"""Pages that only show: today's care."""

from collections import Counter
from datetime import time

from starlette.responses import Response

from bot.clock import branch_date
from bot.vocabulary import DeliveryState
from console.visits import Visit
from services.calendar import Occasions, birthdays_on, lunar_of
from services.calendar.hours import at
from storage.repositories import overviews
from storage.unit import Unit


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
        greetings=_by_greeting(greetings),
        at=visit.console.rules.care_at,
    )


def _by_greeting(made: overviews.Care) -> overviews.Care:
    """The numbers of a greeting's wordings together."""
    summed: Counter[tuple[str, DeliveryState]] = Counter()
    for (key, state), number in made.items():
        summed[key.partition("/")[0], state] += number
    return summed
