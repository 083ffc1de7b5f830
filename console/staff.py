"""Staff: the list with what everybody is in charge of, and teams; roles, handing over, letting go, one-time codes."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from starlette.responses import RedirectResponse, Response

from bot.clock import branch_date
from bot.errors import NotPermitted, Refused
from bot.vocabulary import Action, Role, StaffState
from console import faults
from console.deeds import Submitted, carry_out, submitted
from console.visits import Visit
from services import absences, personnel, second_factor, teams
from services.personnel import Member, Seen
from services.staff import hash_password
from storage.repositories import form_keys
from storage.repositories.absences import Absence
from storage.repositories.staff import NewStaff
from storage.repositories.teams import Team
from storage.unit import Unit

LIST = "/console/staff"


@dataclass(frozen=True, slots=True)
class Around:
    """Everybody, and one member of staff with what their page shows."""

    members: list[Member]
    member: Member
    enrolled: bool
    teams: list[Team]
    absences: list[Absence]


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
    wanted, seen = ([role for role in Role if role.value in given.getlist(name)] for name in ("role", "seen"))

    def work(unit: Unit) -> None:
        personnel.demand_seen(unit, _number(visit), Seen(roles=seen))
        personnel.set_roles(unit, visit.staff, _number(visit), wanted, now)

    return await _act(visit, work)


async def hand_over(visit: Visit) -> Response:
    """Give somebody's clients and work to a colleague."""
    taker, now = str((await visit.form()).get("to", "")), visit.console.clock.now()
    return await _act(visit, lambda unit: personnel.hand_over(unit, visit.staff, _number(visit), taker, now))


async def deactivate(visit: Visit) -> Response:
    """Let somebody go."""
    taker, now = str((await visit.form()).get("to", "")), visit.console.clock.now()
    return await _act(visit, lambda unit: personnel.deactivate(unit, visit.staff, _number(visit), taker, now))


async def join(visit: Visit) -> Response:
    """Put somebody into a team, or into none."""
    given, now = await visit.form(), visit.console.clock.now()
    team, seen = (str(given.get(name, "")) for name in ("team", "seen"))

    def work(unit: Unit) -> None:
        personnel.demand_seen(unit, _number(visit), Seen(team=seen))
        teams.join(unit, visit.staff, _number(visit), team, now)

    return await _act(visit, work)


async def wecom(visit: Visit) -> Response:
    """Note what WeCom calls somebody."""
    given, now = await visit.form(), visit.console.clock.now()
    member, seen = (str(given.get(name, "")) for name in ("member", "seen"))

    def work(unit: Unit) -> None:
        personnel.demand_seen(unit, _number(visit), Seen(wecom=seen))
        personnel.set_wecom(unit, visit.staff, _number(visit), member, now)

    return await _act(visit, work)


async def plan(visit: Visit) -> Response:
    """Note somebody's absence."""
    given, now = await visit.form(), visit.console.clock.now()
    first, last = (_day(str(given.get(field, ""))) for field in ("first", "last"))
    return await _act(visit, lambda unit: absences.add(unit, visit.staff, _number(visit), (first, last), now))


async def back(visit: Visit) -> Response:
    """Take an absence back."""
    absence, now = int(visit.request.path_params["absence"]), visit.console.clock.now()
    return await _act(visit, lambda unit: absences.remove(unit, visit.staff, _number(visit), absence, now))


async def put_team(visit: Visit) -> Response:
    """Make a team, or give one another head."""
    given, now = await visit.form(), visit.console.clock.now()
    name, head = (str(given.get(field, "")) for field in ("team", "head"))
    seen = {team: number for team, _, number in (str(one).rpartition("=") for one in given.getlist("seen"))}

    def work(unit: Unit) -> None:
        teams.demand_seen(unit, name, seen.get(name.strip()))
        teams.put(unit, visit.staff, name, head, now)

    return await _act_on_teams(visit, work)


async def dissolve_team(visit: Visit) -> Response:
    """Forget a team."""
    name, now = str((await visit.form()).get("team", "")), visit.console.clock.now()
    return await _act_on_teams(visit, lambda unit: teams.dissolve(unit, visit.staff, name, now))


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


async def _act_on_teams(visit: Visit, work: Callable[[Unit], object]) -> Response:
    form = await submitted(visit)
    try:
        return await carry_out(visit, form, LIST, LIST, work)
    except NotPermitted:
        raise
    except Refused as refused:
        return await _list(visit, error=faults.say(visit, refused))


async def _list(visit: Visit, fresh: tuple[str, str] | None = None, error: str = "") -> Response:
    members, known = await visit.console.database.read(
        lambda unit: (personnel.listed(unit, visit.staff), teams.listed(unit, visit.staff))
    )
    names = {one.staff.number: one.staff.name for one in members}
    context = {"members": members, "teams": known, "names": names, "roles": list(Role), "fresh": fresh, "error": error}
    return visit.page("staff.html.j2", 422 if error else 200, may_manage=visit.may(Action.MANAGE_STAFF), **context)


async def _page(visit: Visit, error: str = "") -> Response:
    today = branch_date(visit.console.clock.now())

    def look(unit: Unit) -> Around:
        members = personnel.listed(unit, visit.staff)
        found = next((one for one in members if one.staff.number == _number(visit)), None)
        if found is None:
            raise faults.NotFound("page_unknown")
        return Around(
            members,
            found,
            second_factor.enrolled(unit, found.staff.id),
            teams.listed(unit, visit.staff),
            absences.ahead(unit, found.staff.number, today),
        )

    around = await visit.console.database.read(look)
    member = around.member
    others = [one.staff for one in around.members if one.staff.state is StaffState.ACTIVE and one is not member]
    managed = visit.may(Action.MANAGE_STAFF) and member.staff.id != visit.staff.id
    return visit.page(
        "member.html.j2",
        422 if error else 200,
        member=member,
        enrolled=around.enrolled,
        teams=around.teams,
        absences=around.absences,
        this_day=today,
        may_plan=visit.everybodys(Action.PLAN_ABSENCES) and member.staff.state is StaffState.ACTIVE,
        others=others,
        roles=list(Role),
        may_manage=managed and member.staff.state is StaffState.ACTIVE,
        error=error,
    )


def _day(written: str) -> date:
    """A day of a form; what is none is long past, and refused as such."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return date.min


def _number(visit: Visit) -> str:
    return str(visit.request.path_params["number"])
