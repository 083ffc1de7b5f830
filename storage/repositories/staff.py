"""Reading and writing staff and their sign-ins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from bot.vocabulary import Role, StaffState
from storage.models import StaffRow, StaffSessionRow
from storage.repositories import teams
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff; `team`: the ids of those whose clients and work are theirs too, as the head of a team.

    `wecom_member`: what WeCom calls them, empty where nobody told us.
    """

    id: int
    number: str
    name: str
    title: str
    licence: str
    roles: frozenset[Role]
    state: StaffState
    password_hash: str
    must_change: bool
    fictional: bool
    wecom_member: str = ""
    team: frozenset[int] = frozenset()

    @property
    def whose(self) -> frozenset[int]:
        """Ids of those whose clients and work are theirs."""
        return self.team | {self.id}

    def has(self, *staff_ids: int | None) -> bool:
        """Whether what is any of these persons' is theirs: it is they, or somebody of a team that they head."""
        return not self.whose.isdisjoint(staff_ids)


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A sign-in that is still open."""

    id: int
    staff: Staff
    csrf: str
    created_at: datetime
    seen_at: datetime
    second_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A member of staff to be added."""

    number: str
    name: str
    roles: Sequence[Role]
    password_hash: str
    title: str = ""
    licence: str = ""
    must_change: bool = True
    fictional: bool = False


def add(unit: Unit, new: NewStaff, now: datetime) -> int:
    """Add a member of staff; an IntegrityError where the number is taken."""
    row = StaffRow(
        number=new.number,
        name=new.name,
        title=new.title,
        licence=new.licence,
        roles=[role.value for role in new.roles],
        password_hash=new.password_hash,
        must_change=new.must_change,
        fictional=new.fictional,
        created_at=now,
    )
    unit.session.add(row)
    unit.flush()
    return row.id


def by_number(unit: Unit, number: str) -> Staff | None:
    """The member of staff who signs in with this number."""
    row = unit.session.scalars(select(StaffRow).where(StaffRow.number == number)).one_or_none()
    return None if row is None else _staff(row, teams.led_by(unit, row.id))


def by_id(unit: Unit, staff_id: int) -> Staff | None:
    """The member of staff."""
    row = unit.session.get(StaffRow, staff_id)
    return None if row is None else _staff(row, teams.led_by(unit, row.id))


def all_of(unit: Unit) -> list[Staff]:
    """Everybody, by number; without their teams."""
    return [_staff(row) for row in unit.session.scalars(select(StaffRow).order_by(StaffRow.number))]


def set_password(unit: Unit, staff_id: int, password_hash: str) -> None:
    """Set a password that its owner chose."""
    unit.session.execute(
        update(StaffRow).where(StaffRow.id == staff_id).values(password_hash=password_hash, must_change=False)
    )


def set_roles(unit: Unit, staff_id: int, roles: Sequence[Role]) -> None:
    """Give a member of staff these roles and no others."""
    unit.session.execute(update(StaffRow).where(StaffRow.id == staff_id).values(roles=sorted(roles)))


def set_state(unit: Unit, staff_id: int, state: StaffState) -> None:
    """Let a member of staff sign in or not."""
    unit.session.execute(update(StaffRow).where(StaffRow.id == staff_id).values(state=state))


def set_wecom(unit: Unit, staff_id: int, member: str) -> None:
    """Note what WeCom calls somebody."""
    unit.session.execute(update(StaffRow).where(StaffRow.id == staff_id).values(wecom_member=member))


def end_sessions(unit: Unit, staff_id: int, now: datetime, but: int | None = None) -> None:
    """End every sign-in of a member of staff, `but` one."""
    row = StaffSessionRow
    ended = update(row).where(row.staff_id == staff_id, row.ended_at.is_(None)).values(ended_at=now)
    unit.session.execute(ended if but is None else ended.where(row.id != but))


def open_session(unit: Unit, staff_id: int, word_hash: bytes, csrf: str, now: datetime) -> None:
    """Begin a sign-in."""
    values = {"word_hash": word_hash, "staff_id": staff_id, "csrf": csrf, "created_at": now, "seen_at": now}
    unit.session.execute(insert(StaffSessionRow).values(values))


def session_of(unit: Unit, word_hash: bytes) -> StaffSession | None:
    """The open sign-in behind a cookie's word."""
    found = unit.session.execute(
        select(StaffSessionRow, StaffRow)
        .join(StaffRow, StaffRow.id == StaffSessionRow.staff_id)
        .where(StaffSessionRow.word_hash == word_hash, StaffSessionRow.ended_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    row, staff = found
    return StaffSession(
        row.id, _staff(staff, teams.led_by(unit, staff.id)), row.csrf, row.created_at, row.seen_at, row.second_at
    )


def touch_session(unit: Unit, session_id: int, now: datetime) -> None:
    """Note that a sign-in is in use."""
    unit.session.execute(update(StaffSessionRow).where(StaffSessionRow.id == session_id).values(seen_at=now))


def end_session(unit: Unit, session_id: int, now: datetime) -> None:
    """Sign out."""
    unit.session.execute(update(StaffSessionRow).where(StaffSessionRow.id == session_id).values(ended_at=now))


def forget_sessions(unit: Unit, before: datetime) -> None:
    """Remove sign-ins last seen before an instant."""
    unit.session.execute(delete(StaffSessionRow).where(StaffSessionRow.seen_at < before))


def _staff(row: StaffRow, team: frozenset[int] = frozenset()) -> Staff:
    return Staff(
        id=row.id,
        number=row.number,
        name=row.name,
        title=row.title,
        licence=row.licence,
        roles=frozenset(Role(word) for word in row.roles),
        state=row.state,
        password_hash=row.password_hash,
        must_change=row.must_change,
        fictional=row.fictional,
        wecom_member=row.wecom_member,
        team=team,
    )
