"""Staff: the list with what everybody is in charge of; roles, handing over, letting go, one-time codes."""

import asyncio
import secrets
from collections.abc import Callable

from starlette.responses import RedirectResponse, Response

from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action, Role, StaffState
from console import faults
from console.deeds import Submitted, carry_out, submitted
from console.visits import Visit
from services import personnel, second_factor
from services.personnel import Member
from services.staff import hash_password
from storage.repositories import form_keys
from storage.repositories.staff import NewStaff
from storage.unit import Unit

LIST = "/console/staff"


async def index(visit: Visit) -> Response:
    """Everybody."""
    return await _list(visit)


async def add(visit: Visit) -> Response:
    """Take somebody on; their first password is shown this once, and a repeat of the same form shows none."""
    form, given = await submitted(visit), await visit.form()
    number, name = (str(given.get(field, "")).strip() for field in ("number", "name"))
    roles = [role for role in Role if role.value in given.getlist("role")]
    password, now = secrets.token_urlsafe(9), visit.console.clock.now()
    hashed = await asyncio.to_thread(hash_password, password)

    def once(unit: Unit) -> bool:
        if not form_keys.claim(unit, form.key, visit.staff.id, LIST, now):
            return False
        personnel.add(unit, visit.staff, NewStaff(number, name, roles, hashed), now)
        return True

    try:
        made = await visit.console.database.write(once)
    except NotPermitted:
        raise
    except Refused as refused:
        return await _list(visit, error=faults.say(visit, refused))
    return await _list(visit, fresh=(number, password)) if made else RedirectResponse(LIST, 303)


async def show(visit: Visit) -> Response:
    """One member of staff."""
    return await _page(visit)


async def roles(visit: Visit) -> Response:
    """Give somebody other roles."""
    given, now = await visit.form(), visit.console.clock.now()
    wanted = [role for role in Role if role.value in given.getlist("role")]
    return await _act(visit, lambda unit: personnel.set_roles(unit, visit.staff, _number(visit), wanted, now))


async def hand_over(visit: Visit) -> Response:
    """Give somebody's clients and work to a colleague."""
    taker, now = str((await visit.form()).get("to", "")), visit.console.clock.now()
    return await _act(visit, lambda unit: personnel.hand_over(unit, visit.staff, _number(visit), taker, now))


async def deactivate(visit: Visit) -> Response:
    """Let somebody go."""
    taker, now = str((await visit.form()).get("to", "")), visit.console.clock.now()
    return await _act(visit, lambda unit: personnel.deactivate(unit, visit.staff, _number(visit), taker, now))


async def reset(visit: Visit) -> Response:
    """Take somebody's one-time codes away."""
    now = visit.console.clock.now()
    return await _act(visit, lambda unit: second_factor.reset(unit, visit.staff, _number(visit), now))


async def _act(visit: Visit, work: Callable[[Unit], object]) -> Response:
    form: Submitted = await submitted(visit)
    back = f"{LIST}/{_number(visit)}"
    try:
        return await carry_out(visit, form, back, back, work)
    except NotPermitted:
        raise
    except Refused as refused:
        return await _page(visit, faults.say(visit, refused))


async def _list(visit: Visit, fresh: tuple[str, str] | None = None, error: str = "") -> Response:
    members = await visit.console.database.read(lambda unit: personnel.listed(unit, visit.staff))
    context = {"members": members, "roles": list(Role), "fresh": fresh, "error": error}
    return visit.page("staff.html.j2", 422 if error else 200, may_manage=visit.may(Action.MANAGE_STAFF), **context)


async def _page(visit: Visit, error: str = "") -> Response:
    def look(unit: Unit) -> tuple[list[Member], Member, bool]:
        members = personnel.listed(unit, visit.staff)
        found = next((one for one in members if one.staff.number == _number(visit)), None)
        if found is None:
            raise faults.NotFound("page_unknown")
        return members, found, second_factor.enrolled(unit, found.staff.id)

    members, member, enrolled = await visit.console.database.read(look)
    others = [one.staff for one in members if one.staff.state is StaffState.ACTIVE and one is not member]
    managed = visit.may(Action.MANAGE_STAFF) and member.staff.id != visit.staff.id
    return visit.page(
        "member.html.j2",
        422 if error else 200,
        member=member,
        enrolled=enrolled,
        others=others,
        roles=list(Role),
        may_manage=managed and member.staff.state is StaffState.ACTIVE,
        error=error,
    )


def _number(visit: Visit) -> str:
    return str(visit.request.path_params["number"])
