"""Who works here: adding people, their roles, handing over what they are in charge of, and letting them go."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import Conflict, Refused
from bot.vocabulary import Action, Duty, EntryKind, Reach, Role, StaffState
from services import audit
from services.audit import Deed, Detail
from services.staff import demand, reach
from storage.repositories import charges, client_assignments
from storage.repositories import staff as rows
from storage.repositories import teams as team_rows
from storage.repositories import tickets as ticket_rows
from storage.repositories.charges import Charge, Handed
from storage.repositories.client_assignments import Hand
from storage.repositories.holds import Matter, hold
from storage.repositories.staff import NewStaff, Staff
from storage.repositories.tickets import Entry
from storage.unit import Unit

LONGEST_NUMBER, LONGEST_NAME = 32, 64
NUMBER = re.compile(r"\w[\w.@-]*")
"""Signs that stand in the address of the person's page as they are."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff, what they are in charge of, and the team they belong to."""

    staff: Staff
    charge: Charge
    team: str | None = None


def listed(unit: Unit, staff: Staff) -> list[Member]:
    """Everybody, by number, for those who may read it."""
    demand(staff, Action.READ_STAFF)
    charged, teams = charges.all_of(unit), team_rows.names(unit)
    return [Member(one, charged.get(one.id, Charge()), teams.get(one.id)) for one in rows.all_of(unit)]


def add(unit: Unit, by: Staff | None, new: NewStaff, now: datetime) -> int:
    """Take somebody on; `by` is None for whoever has the server itself. Refused where the number is taken."""
    hold(unit, Matter.STAFF)
    if by is not None:
        demand(by, Action.MANAGE_STAFF)
    if not 0 < len(new.number) <= LONGEST_NUMBER or not 0 < len(new.name) <= LONGEST_NAME:
        raise Refused("staff_incomplete")
    if not NUMBER.fullmatch(new.number):
        raise Refused("staff_number")
    if not new.roles:
        raise Refused("staff_roles_missing")
    if rows.by_number(unit, new.number) is not None:
        raise Refused("staff_taken", number=new.number)
    staff_id, detail = rows.add(unit, new, now), {"roles": ",".join(new.roles)}
    audit.record(unit, Deed("staff.add", f"staff:{new.number}", now, by.id if by else None, detail))
    return staff_id


@dataclass(frozen=True, slots=True)
class Seen:
    """What a form showed of somebody when it was filled in; None: it shows nothing of that. No team: an empty name."""

    roles: Sequence[Role] | None = None
    wecom: str | None = None
    team: str | None = None


def demand_seen(unit: Unit, number: str, seen: Seen) -> None:
    """Conflict unless somebody still is as they were seen; no other form changes them until the transaction ends."""
    hold(unit, Matter.STAFF)
    person = _known(unit, number)
    same = (
        seen.roles is None or person.roles == frozenset(seen.roles),
        seen.wecom is None or person.wecom_member == seen.wecom,
        seen.team is None or team_rows.names(unit).get(person.id, "") == seen.team,
    )
    if not all(same):
        raise Conflict("staff_changed")


def set_roles(unit: Unit, by: Staff, number: str, roles: Sequence[Role], now: datetime) -> None:
    """Give somebody other roles; they hold from the person's next click."""
    person = _other(unit, by, number)
    if not roles:
        raise Refused("staff_roles_missing")
    rows.set_roles(unit, person.id, roles)
    detail = {"before": _words(person.roles), "after": _words(roles)}
    audit.record(unit, Deed("staff.roles", f"staff:{number}", now, by.id, detail))


def set_wecom(unit: Unit, by: Staff, number: str, member: str, now: datetime) -> None:
    """Note what WeCom calls somebody, so that they are told there; empty: nobody is."""
    demand(by, Action.MANAGE_STAFF)
    person, member = _known(unit, number), member.strip()
    if len(member) > LONGEST_NAME or not member.isprintable():
        raise Refused("text_too_long", limit=LONGEST_NAME)
    rows.set_wecom(unit, person.id, member)
    audit.record(unit, Deed("staff.wecom", f"staff:{number}", now, by.id, {"set": bool(member)}))


def hand_over(unit: Unit, by: Staff, number: str, taker: str, now: datetime) -> Charge:
    """Give clients, open tickets and conversations of one person to another."""
    demand(by, Action.MANAGE_STAFF)
    giver = _known(unit, number)
    return _handed(unit, by, giver, _successor(unit, giver, taker), now)


def deactivate(unit: Unit, by: Staff, number: str, taker: str, now: datetime) -> Charge:
    """Let somebody go: what they had goes to another, their sign-ins end, and nobody signs in with the number.

    `taker` may be empty only where nothing is left to take.
    """
    person = _other(unit, by, number)
    if person.state is StaffState.DISABLED:
        raise Refused("staff_gone", number=number)
    charge = Charge()
    if charges.of(unit, person.id) or taker:
        if not taker:
            raise Refused("staff_successor_missing")
        charge = _handed(unit, by, person, _successor(unit, person, taker), now)
    _advise(unit, (person, None), Hand(now, by.id))
    rows.set_state(unit, person.id, StaffState.DISABLED)
    team_rows.leave(unit, person.id)
    rows.end_sessions(unit, person.id, now)
    audit.record(unit, Deed("staff.deactivate", f"staff:{number}", now, by.id, {"to": taker or None}))
    return charge


def _handed(unit: Unit, by: Staff, giver: Staff, taker: Staff, now: datetime) -> Charge:
    handed = charges.hand_over(unit, giver.id, taker.id, Hand(now, by.id))
    _advise(unit, (giver, taker), Hand(now, by.id))
    for ticket_id in handed.tickets:
        ticket_rows.add_entry(unit, ticket_id, Entry(EntryKind.SYSTEM, now, f"{giver.name} > {taker.name}", by.id))
    _tell(unit, handed)
    charge = handed.charge
    detail: Detail = {
        "to": taker.number,
        "clients": charge.clients,
        "tickets": charge.tickets,
        "chats": charge.chats,
    }
    audit.record(unit, Deed("staff.handover", f"staff:{giver.number}", now, by.id, detail))
    return charge


def _advise(unit: Unit, pair: tuple[Staff, Staff | None], hand: Hand) -> None:
    """Clients whom one person advises get another adviser; none where the successor is no adviser."""
    giver, taker = pair
    heir = taker.id if taker and Role.ADVISER in taker.roles else None
    client_assignments.replace(unit, Duty.ADVISER, (giver.id, heir), hand)


def _tell(unit: Unit, handed: Handed) -> None:
    for ticket_id in handed.tickets:
        unit.announce("ticket", ticket_id)
    for number in handed.chats:
        unit.announce("conversation", number)


def _successor(unit: Unit, giver: Staff, number: str) -> Staff:
    """Somebody else who is there and may do all that they are given."""
    taker, charge = _known(unit, number), charges.of(unit, giver.id)
    needed = (
        (charge.clients, Action.READ_CLIENTS),
        (charge.tickets, Action.WORK_TICKETS),
        (charge.chats, Action.REPLY),
    )
    may = all(reach(taker, action) is not Reach.NONE for amount, action in needed if amount)
    if taker.id == giver.id or taker.state is not StaffState.ACTIVE or not may:
        raise Refused("staff_successor_unfit", number=number)
    return taker


def _other(unit: Unit, by: Staff, number: str) -> Staff:
    """Somebody else than the person who decides, and who may do so still: an administrator is always left."""
    hold(unit, Matter.STAFF)
    demand(rows.by_id(unit, by.id) or by, Action.MANAGE_STAFF)
    person = _known(unit, number)
    if person.id == by.id:
        raise Refused("staff_own")
    return person


def _known(unit: Unit, number: str) -> Staff:
    found = rows.by_number(unit, number)
    if found is None:
        raise Refused("staff_unknown", number=number)
    return found


def _words(roles: Sequence[Role] | frozenset[Role]) -> str:
    return ",".join(sorted(roles))
