"""Texts kept while they are typed."""

from starlette.responses import JSONResponse, Response

from console.visits import Visit
from storage.repositories import drafts

LONGEST_PLACE = 96
LONGEST_DRAFT = 8000


async def keep(visit: Visit) -> Response:
    """Keep what is being typed; the page calls it after two seconds without a key and on leaving."""
    given = await visit.form()
    place, text = str(given.get("place", ""))[:LONGEST_PLACE], str(given.get("text", ""))[:LONGEST_DRAFT]
    now = visit.console.clock.now()
    if place:
        await visit.console.database.write(lambda unit: drafts.save(unit, visit.staff.id, place, text, now))
    return Response(status_code=204)


async def token(visit: Visit) -> Response:
    """The form token of this sign-in, for a page whose own is of an earlier one."""
    return JSONResponse({"csrf": visit.session.csrf})
