"""Erasing a person: what may go goes at once, the rest on the day when its class need not be kept any more.

Nothing goes while a legal hold stands. What stays hangs on an emptied row; nobody is written to by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.clock import branch_date
from bot.errors import Refused
from bot.vocabulary import Action
from bot.vocabulary.rights import RequestKind
from services import audit
from services.audit import Deed
from services.rights import keeping, requests
from services.rights.requests import Answer, Asked, Wish, known
from services.staff import demand
from storage.repositories import client_keys, client_requests, clients, erasure, legal_holds
from storage.repositories.client_requests import Request
from storage.repositories.legal_holds import Hold
from storage.repositories.person_parts import PARTS
from storage.repositories.staff import Staff
from storage.unit import Database, Unit


@dataclass(frozen=True, slots=True)
class Share:
    """Of one class of records: how many may go now, how many must stay, and the first day on which none need."""

    keep: str
    goes: int
    stays: int
    until: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do, class by class, and what stands against it."""

    client_id: int
    shares: Sequence[Share]
    holds: Sequence[Hold]
    open_tickets: int
    next_on: date | None
    awaiting_staff: bool = False

    @property
    def free(self) -> bool:
        """Whether nothing stands against it."""
        return not (self.holds or self.open_tickets or self.awaiting_staff)


def plan(unit: Unit, staff: Staff, number: str, now: datetime) -> Plan:
    """What would become of a client's records; nothing is written."""
    demand(staff, Action.ERASE_CLIENT)
    return _planned(unit, known(unit, number).id, now)


def ask(unit: Unit, wish: Wish) -> int:
    """Ask for an erasure; gives the request's number. Refused where something stands against it."""
    demand(wish.staff, Action.ERASE_CLIENT)
    client = known(unit, wish.number)
    _demand_free(unit, client.id)
    return requests.ask(unit, wish, Asked(RequestKind.ERASE, client.id))


def approve(unit: Unit, answer: Answer) -> Plan:
    """Carry out what another asked for; the rest of it waits for its day, told in the plan."""
    request = requests.taken(unit, answer, RequestKind.ERASE)
    _demand_free(unit, request.client_id)
    found = _planned(unit, request.client_id, answer.at)
    detail = {share.keep: share.goes for share in found.shares} | {"stays": sum(share.stays for share in found.shares)}
    requests.approved(unit, answer, request, detail)
    ids = clients.same(unit, request.client_id)
    erasure.silence(unit, ids, answer.at)
    for each in ids:
        erasure.blank(unit, each, answer.at)
        client_keys.destroy(unit, each, answer.at)
    _go_on(unit, request, answer.at)
    return found


async def work(database: Database, now: datetime) -> int:
    """Erase what is due today of the clients whom nothing holds; of how many."""
    found = await database.read(lambda unit: client_requests.due(unit, branch_date(now)))
    done = [await database.write(lambda unit, one=one: _due(unit, one, now)) for one in found]  # type: ignore[misc]
    return sum(done)


def _due(unit: Unit, request: Request, now: datetime) -> bool:
    ids = clients.same(unit, request.client_id)
    clients.hold(unit, ids)
    if legal_holds.standing(unit, ids):
        return False
    _go_on(unit, request, now)
    detail = {"kind": request.kind.value}
    audit.record(unit, Deed("client_request.go_on", f"client_request:{request.id}", now, detail=detail))
    return True


def _go_on(unit: Unit, request: Request, now: datetime) -> None:
    """Clear what may go by now, and note when the next may; with the last of it goes the branch's number."""
    ids = clients.same(unit, request.client_id)
    for part in PARTS:
        erasure.clear(unit, part, ids, keeping.before(part.keep, now))
    next_on = _planned(unit, request.client_id, now).next_on
    client_requests.go_on(unit, request.id, next_on, now)
    for each in ids if next_on is None else ():
        erasure.forget_number(unit, each)


def _demand_free(unit: Unit, client_id: int) -> None:
    ids = clients.same(unit, client_id)
    clients.hold(unit, ids)
    if clients.gone(unit, client_id):
        raise Refused("client_gone")
    if legal_holds.standing(unit, ids):
        raise Refused("erase_held")
    if number := erasure.open_tickets(unit, ids):
        raise Refused("erase_open_tickets", number=number)
    if erasure.awaiting_staff(unit, ids):
        raise Refused("erase_awaiting_staff")


def _planned(unit: Unit, client_id: int, now: datetime) -> Plan:
    ids, shares, firsts = clients.same(unit, client_id), [], []
    for keep in keeping.classes():
        counts = [erasure.count(unit, part, ids, keeping.before(keep, now)) for part in PARTS if part.keep == keep]
        lasts = [one.last for one in counts if one.last]
        firsts += [keeping.until(keep, one.first) for one in counts if one.first]
        until = keeping.until(keep, max(lasts)) if lasts else None
        shares.append(Share(keep, sum(one.goes for one in counts), sum(one.stays for one in counts), until))
    holds = legal_holds.standing(unit, ids)
    awaiting, tickets = erasure.awaiting_staff(unit, ids), erasure.open_tickets(unit, ids)
    return Plan(client_id, shares, holds, tickets, min(firsts, default=None), awaiting)
