"""Who is in charge of a client, and who belongs to them."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import Conflict, Refused
from bot.vocabulary import Action, Duty, LinkKind, Reach, Role, StaffState
from services import audit
from services.audit import Deed
from services.staff import demand, reach
from storage.repositories import client_assignments, client_links
from storage.repositories import clients as rows
from storage.repositories import staff as staff_rows
from storage.repositories.client_assignments import Hand
from storage.repositories.client_links import NewLink
from storage.repositories.client_lists import Item
from storage.repositories.staff import Staff
from storage.unit import Unit

MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class Charge:
    """Who is to have a duty with a client, by staff number (empty: nobody), and who had it as the form showed it."""

    duty: Duty
    number: str
    before: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Bond:
    """Another client, by number, who belongs to this one: of the household, or who referred them."""

    kind: LinkKind
    number: str
    at: datetime


def fit(person: Staff, duty: Duty) -> bool:
    """Whether somebody can have the duty: is there, and may see the client; advisers are advisers."""
    may = reach(person, Action.READ_CLIENTS) is not Reach.NONE and Role.VISITOR not in person.roles
    return person.state is StaffState.ACTIVE and may and (duty is Duty.MANAGER or Role.ADVISER in person.roles)


def able(unit: Unit, duty: Duty) -> list[Staff]:
    """Everybody who can have the duty, by number."""
    return [person for person in staff_rows.all_of(unit) if fit(person, duty)]


def holders(unit: Unit, client_id: int) -> dict[Duty, str]:
    """Staff numbers of those who are in charge; empty where nobody is."""
    return {duty: _number(unit, client_assignments.holder(unit, client_id, duty)) for duty in Duty}


def charge(unit: Unit, staff: Staff, client: Item, wanted: Charge) -> None:
    """Put somebody in charge; Conflict where somebody else decided meanwhile."""
    demand(staff, Action.ASSIGN_CLIENTS, own=staff.has(*client.keepers))
    before = _number(unit, client_assignments.holder(unit, client.id, wanted.duty, hold=True))
    if before != wanted.before:
        raise Conflict("charge_changed")
    if wanted.number == before:
        raise Refused("charge_same")
    person = staff_rows.by_number(unit, wanted.number) if wanted.number else None
    if wanted.number and (person is None or not fit(person, wanted.duty)):
        raise Refused("charge_unfit", number=wanted.number)
    hand = Hand(wanted.at, staff.id)
    client_assignments.put(unit, client.id, wanted.duty, person.id if person else None, hand)
    detail = {"duty": wanted.duty.value, "before": before or None, "after": wanted.number or None}
    audit.record(unit, Deed("client.assign", f"client:{client.id}", wanted.at, staff.id, detail))


def _number(unit: Unit, staff_id: int | None) -> str:
    found = staff_rows.by_id(unit, staff_id) if staff_id is not None else None
    return found.number if found else ""


def link(unit: Unit, staff: Staff, client: Item, wanted: Bond) -> None:
    """Note that another client belongs to this one; who may not see the other can't."""
    demand(staff, Action.EDIT_PREFERENCES, own=staff.has(*client.keepers))
    other = rows.by_number(unit, wanted.number.strip().upper())
    far = reach(staff, Action.READ_CLIENTS)
    if other is None or (far is Reach.OWN and not staff.has(*other.keepers)):
        raise Refused("client_unknown")
    client_links.hold(unit, {client.id, other.id})
    there = client_links.of(unit, client.id)
    if other.id == client.id or len(there) >= MOST_LINKS:
        raise Refused("link_impossible", most=MOST_LINKS)
    if wanted.kind is LinkKind.REFERRER and any(one.kind is wanted.kind and not one.referred for one in there):
        raise Refused("link_referred")
    if wanted.kind is LinkKind.REFERRER and client.id in client_links.referrers(unit, other.id):
        raise Refused("link_circle")
    if not client_links.add(unit, NewLink(client.id, other.id, wanted.kind, staff.id, wanted.at)):
        raise Refused("link_known")
    detail = {"kind": wanted.kind.value, "other": other.id}
    audit.record(unit, Deed("client.link", f"client:{client.id}", wanted.at, staff.id, detail))


def part(unit: Unit, staff: Staff, client: Item, link_id: int, now: datetime) -> None:
    """Take a link away."""
    demand(staff, Action.EDIT_PREFERENCES, own=staff.has(*client.keepers))
    other = client_links.remove(unit, client.id, link_id)
    if other is None:
        raise Refused("link_gone")
    audit.record(unit, Deed("client.unlink", f"client:{client.id}", now, staff.id, {"other": other}))
