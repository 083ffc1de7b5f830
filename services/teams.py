"""Teams: a member of staff sees their own clients and work, the head of a team what its members see as well."""

from datetime import datetime

from bot.errors import Conflict, Refused
from bot.vocabulary import Action, Reach, StaffState
from services import audit
from services.audit import Deed
from services.staff import demand, reach
from storage.repositories import staff as people
from storage.repositories import teams as rows
from storage.repositories.holds import Matter, hold
from storage.repositories.staff import Staff
from storage.repositories.teams import Team
from storage.unit import Unit

LONGEST_NAME = 40


def listed(unit: Unit, reader: Staff) -> list[Team]:
    """Every team with its head and members."""
    demand(reader, Action.READ_STAFF)
    return rows.all_of(unit)


def put(unit: Unit, by: Staff, name: str, head: str, now: datetime) -> None:
    """Make a team, or give one another head; Refused where that person sees no clients."""
    demand(by, Action.MANAGE_STAFF)
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Refused("team_name", limit=LONGEST_NAME)
    person = _there(unit, head)
    if reach(person, Action.READ_CLIENTS) is Reach.NONE:
        raise Refused("team_head_unfit", number=head)
    rows.put(unit, name, person.id, now)
    audit.record(unit, Deed("team.put", f"team:{name}", now, by.id, {"head": head}))


def demand_seen(unit: Unit, name: str, head: str | None) -> None:
    """Conflict unless a team still has the head that was seen, None: unless there still is no such team."""
    hold(unit, Matter.STAFF)
    found = {team.name: team.head or "" for team in rows.all_of(unit)}
    if found.get(name.strip()) != head:
        raise Conflict("team_changed")


def join(unit: Unit, by: Staff, number: str, name: str, now: datetime) -> None:
    """Put somebody into a team, out of the one they were in; an empty name: into none."""
    demand(by, Action.MANAGE_STAFF)
    person = _there(unit, number)
    rows.join(unit, person.id, _known(unit, name) if name else None)
    audit.record(unit, Deed("team.join", f"staff:{number}", now, by.id, {"team": name or None}))


def dissolve(unit: Unit, by: Staff, name: str, now: datetime) -> None:
    """Forget a team; its members see what is their own again, and nobody sees it for them."""
    demand(by, Action.MANAGE_STAFF)
    rows.remove(unit, _known(unit, name))
    audit.record(unit, Deed("team.dissolve", f"team:{name}", now, by.id))


def _there(unit: Unit, number: str) -> Staff:
    person = people.by_number(unit, number)
    if person is None or person.state is not StaffState.ACTIVE:
        raise Refused("staff_unknown", number=number)
    return person


def _known(unit: Unit, name: str) -> int:
    team_id = rows.by_name(unit, name)
    if team_id is None:
        raise Refused("team_unknown", name=name)
    return team_id
