"""Personal service: a client's own manager is told of their messages and answers them first.

Whose it is says a segment, or the head of the branch for one client.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Action, Reach
from bot.vocabulary.conditions import AnyOf, Condition, InSegment
from services import audit
from services.audit import Deed
from services.segments.lookup import looked_up
from services.staff import demand, reach
from storage import seeds
from storage.repositories import ownership
from storage.repositories import personal_service as rows
from storage.repositories import staff as people
from storage.repositories.staff import Staff
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether personal service is a client's, and what was said of them: None where the segment decides."""

    given: bool
    said: bool | None


JUST = timedelta(minutes=2)
"""A message this old is news to a manager."""


@dataclass(frozen=True, slots=True)
class Call:
    """A manager, as WeCom calls them, is told of a conversation; `until`: they answer first till then."""

    conversation_id: int
    member: str
    until: datetime | None


def manager_of(unit: Unit, client_id: int | None, at: datetime) -> Staff | None:
    """The manager who answers a client first; None where that is nobody, or they are not here."""
    return None if client_id is None else managers_of(unit, [client_id], at).get(client_id)


def managers_of(unit: Unit, client_ids: Collection[int], at: datetime) -> dict[int, Staff]:
    """The same of several clients, by their ids."""
    found = rows.managers(unit, client_ids, _chosen(unit), branch_date(at))
    known = {one: people.by_id(unit, one) for one in set(found.values())}
    may = {one: staff for one, staff in known.items() if staff and reach(staff, Action.REPLY) is not Reach.NONE}
    return {client: may[manager] for client, manager in found.items() if manager in may}


def calls(unit: Unit, conversation_ids: Collection[int], now: datetime) -> list[Call]:
    """What managers are told of these conversations: their client just wrote, and nobody answers yet."""
    heard = rows.heard(unit, conversation_ids, now - JUST)
    managers = managers_of(unit, {one.client_id for one in heard}, now)
    found = []
    for one in heard:
        manager = managers.get(one.client_id)
        if manager is not None and manager.wecom_member:
            until = one.reserved_until if one.reserved_for == manager.id else None
            found.append(Call(one.conversation_id, manager.wecom_member, until))
    return found


def written(unit: Unit, manager: Staff, now: datetime, limit: int) -> list[int]:
    """The conversations of the last 24 hours in which this person's own clients wrote, latest first."""
    return rows.written(unit, manager.id, _chosen(unit), now, limit)


def kept_for_managers(unit: Unit, ticket_ids: Collection[int], now: datetime) -> set[int]:
    """Tickets of which a manager is told apart, and everybody else only when the manager's time is over."""
    return rows.kept(unit, ticket_ids, now)


def standing(unit: Unit, client_id: int, today: date) -> Standing:
    """How one client stands."""
    said, given = rows.given(unit, client_id, _chosen(unit), today)
    return Standing(given, said)


def say(unit: Unit, by: Staff, client_id: int, personal: bool | None, now: datetime) -> None:
    """Say whether personal service is a client's; None: as the segment says."""
    demand(by, Action.REASSIGN)
    rows.say(unit, client_id, personal)
    audit.record(unit, Deed("client.service", f"client:{client_id}", now, by.id, {"personal": personal}))


def lapse(unit: Unit, now: datetime) -> int:
    """Give the queue what managers did not answer in their time, and tell of it; how many conversations."""
    lapsed = ownership.lapse(unit, now)
    for conversation_id, ticket_id in lapsed:
        unit.announce("conversation", conversation_id)
        if ticket_id is not None:
            unit.announce("ticket_opened", ticket_id)
    return len(lapsed)


def _chosen(unit: Unit) -> Condition:
    """Whom the segment means; nobody where there is none of the name."""
    try:
        return looked_up(unit, InSegment(seeds.read("personal_service.yaml")["segment"]))
    except Refused:
        return AnyOf(())
