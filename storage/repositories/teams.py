"""Reading and writing teams: who heads them, and who belongs to them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from storage.models import StaffRow, TeamMemberRow, TeamRow
from storage.unit import Unit
from storage.upserts import insertion


@dataclass(frozen=True, slots=True)
class Team:
    """One team; `head` is a staff number, None since its head left; members by number."""

    id: int
    name: str
    head: str | None
    members: tuple[str, ...]


def all_of(unit: Unit) -> list[Team]:
    """Every team, in the order in which they were made."""
    belonging = select(TeamMemberRow.team_id, StaffRow.number).join(StaffRow, StaffRow.id == TeamMemberRow.staff_id)
    members: dict[int, list[str]] = {}
    for team_id, number in unit.session.execute(belonging.order_by(StaffRow.number)):
        members.setdefault(team_id, []).append(number)
    statement = select(TeamRow.id, TeamRow.name, StaffRow.number).outerjoin(StaffRow, StaffRow.id == TeamRow.head_id)
    found = unit.session.execute(statement.order_by(TeamRow.id))
    return [Team(one, name, head, tuple(members.get(one, ()))) for one, name, head in found]


def by_name(unit: Unit, name: str) -> int | None:
    """The team's id."""
    return unit.session.scalar(select(TeamRow.id).where(TeamRow.name == name))


def names(unit: Unit) -> dict[int, str]:
    """Teams' names by the ids of those who belong to them."""
    statement = select(TeamMemberRow.staff_id, TeamRow.name).join(TeamRow, TeamRow.id == TeamMemberRow.team_id)
    return {row.staff_id: row.name for row in unit.session.execute(statement)}


def led_by(unit: Unit, staff_id: int) -> frozenset[int]:
    """Who belongs to the teams that a person heads."""
    row = TeamMemberRow
    statement = select(row.staff_id).join(TeamRow, TeamRow.id == row.team_id).where(TeamRow.head_id == staff_id)
    return frozenset(unit.session.scalars(statement))


def put(unit: Unit, name: str, head_id: int, now: datetime) -> None:
    """Make a team, or give one another head."""
    team_id = by_name(unit, name)
    if team_id is None:
        unit.session.execute(insert(TeamRow).values(name=name, head_id=head_id, created_at=now))
    else:
        unit.session.execute(update(TeamRow).where(TeamRow.id == team_id).values(head_id=head_id))


def join(unit: Unit, staff_id: int, team_id: int | None) -> None:
    """Put somebody into a team, out of any other; None: into none."""
    row = TeamMemberRow
    if team_id is None:
        unit.session.execute(delete(row).where(row.staff_id == staff_id))
        return
    joined = insertion(unit, row).values(staff_id=staff_id, team_id=team_id)
    unit.session.execute(joined.on_conflict_do_update(index_elements=["staff_id"], set_={"team_id": team_id}))


def leave(unit: Unit, staff_id: int) -> None:
    """Take somebody out of their team, and from the head of any."""
    join(unit, staff_id, None)
    unit.session.execute(update(TeamRow).where(TeamRow.head_id == staff_id).values(head_id=None))


def remove(unit: Unit, team_id: int) -> None:
    """Forget a team; its members belong to none then."""
    unit.session.execute(delete(TeamMemberRow).where(TeamMemberRow.team_id == team_id))
    unit.session.execute(delete(TeamRow).where(TeamRow.id == team_id))
