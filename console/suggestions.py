"""Entries offered while somebody types which one is meant: a page that held them all would grow with them."""

from itertools import islice

from starlette.responses import Response

from console.visits import Visit
from services.knowledge.regression import LABELS

MOST = 20
BETWEEN = "|"
"""Stands between several that are meant."""


async def offered(visit: Visit) -> Response:
    """Options for what is typed as `entry`, or as `expected`, where labels are meant as well."""
    given = visit.request.query_params
    typed = given.get("entry", given.get("expected", ""))[-200:]
    return visit.page(
        "options.html.j2", known=fitting(visit, typed), labels=sorted(LABELS) if "expected" in given else ()
    )


def fitting(visit: Visit, typed: str = "") -> list[tuple[str, str]]:
    """Entries of which id or question holds what is typed, each as the whole text would read, with its question."""
    before, stroke, last = typed.rpartition(BETWEEN)
    head, wanted = f"{before.strip()} {stroke} " if stroke else "", last.strip().casefold()
    named = ((name, visit.title_of(name)) for name in sorted(visit.console.knowledge().entries))
    found = (one for one in named if wanted in one[0].casefold() or wanted in one[1].casefold())
    return [(f"{head}{name}", title) for name, title in islice(found, MOST)]
