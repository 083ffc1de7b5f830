"""The second step of signing in: enrolling an authenticator, and giving its code."""

from starlette.responses import RedirectResponse, Response

from bot.errors import Refused
from console import faults
from console.navigation import first_page
from console.visits import Visit
from services import second_factor
from services.second_factor import Enrolment
from storage.repositories import second_factors
from storage.unit import Unit

ADDRESS = "/console/second"
LONGEST_CODE = 32


async def form(visit: Visit) -> Response:
    """Ask for the code, or show what to put into an authenticator first."""
    return await _ask(visit)


async def give(visit: Visit) -> Response:
    """Take a code: of an authenticator that counts, or the first one of a new one."""
    code = str((await visit.form()).get("code", ""))[:LONGEST_CODE]
    try:
        sign_ins = visit.console.sign_ins
        left = await visit.console.database.write(lambda unit: second_factor.attempt(unit, sign_ins, visit.staff))
        codes = await visit.console.database.write(lambda unit: _taken(visit, unit, code, left))
    except Refused as refused:
        return await _ask(visit, refused)
    if codes:
        return visit.page("second_codes.html.j2", codes=codes, on=first_page(visit.staff))
    return RedirectResponse(first_page(visit.staff), 303)


def _taken(visit: Visit, unit: Unit, code: str, left: int) -> list[str]:
    """The recovery codes of an authenticator that is new."""
    staff, now = visit.staff, visit.console.clock.now()
    codes: list[str] = []
    if second_factor.enrolled(unit, staff.id):
        second_factor.check(unit, staff, code, left, now)
    else:
        codes = second_factor.confirm(unit, staff, code, now)
    second_factors.passed(unit, visit.session.id, now)
    return codes


async def _ask(visit: Visit, refused: Refused | None = None) -> Response:
    def look(unit: Unit) -> Enrolment | None:
        known = second_factor.enrolled(unit, visit.staff.id)
        return None if known else second_factor.enrolment(unit, visit.staff)

    new = await visit.console.database.write(look)
    drawn = _drawn(new.address) if new else ""
    error = faults.say(visit, refused) if refused else ""
    return visit.page("second.html.j2", 422 if refused else 200, new=new, drawn=drawn, error=error)


def _drawn(address: str) -> str:
    import segno  # some megabytes that are needed once for each member of staff

    return str(segno.make(address, micro=False).svg_data_uri(scale=4, dark="#000", light="#fff"))
