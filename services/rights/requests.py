"""Two pairs of eyes: what one member of staff asks for on a client's behalf, another approves or declines."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action
from bot.vocabulary.rights import RequestKind, RequestState
from services import audit
from services.audit import Deed, Detail
from services.rights.copies import Wish, reason_of
from services.staff import demand
from storage.repositories import client_requests as rows
from storage.repositories import clients
from storage.repositories.client_requests import Listed, NewRequest, Request, Settled
from storage.repositories.clients import Client
from storage.repositories.staff import Staff
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Answer:
    """Who settles which request, when, and why where it is declined."""

    request_id: int
    staff: Staff
    at: datetime
    reason: str = ""


def known(unit: Unit, number: str) -> Client:
    """The client with a number; Refused where there is none."""
    found = clients.by_number(unit, number)
    if found is None:
        raise Refused("client_unknown")
    return found


def ask(unit: Unit, wish: Wish, kind: RequestKind, client: Client) -> int:
    """Write a request down; Refused where another one of the client waits."""
    reason = reason_of(wish)
    if rows.any_open(unit, client.id):
        raise Refused("request_waits")
    number = rows.add(unit, NewRequest(kind, client.id, reason, wish.staff.id, wish.at))
    audit.record(unit, deed("client_request.ask", Answer(number, wish.staff, wish.at, reason), kind, client.id))
    return number


def taken(unit: Unit, answer: Answer, kind: RequestKind | None = None) -> Request:
    """The request that somebody settles; it must be another's and still wait."""
    demand(answer.staff, Action.ERASE_CLIENT)
    found = rows.held(unit, answer.request_id)
    if found is None or kind not in (None, found.kind):
        raise Refused("request_unknown")
    if found.state is not RequestState.ASKED:
        raise Conflict("request_over")
    if found.asked_by == answer.staff.id:
        raise NotPermitted("request_own")
    return found


def decline(unit: Unit, answer: Answer) -> None:
    """Say no, with a reason; whoever asked may take the request back so as well."""
    demand(answer.staff, Action.ERASE_CLIENT)
    found, reason = rows.held(unit, answer.request_id), " ".join(answer.reason.split())
    if found is None:
        raise Refused("request_unknown")
    if found.state is not RequestState.ASKED:
        raise Conflict("request_over")
    if not reason:
        raise Refused("reason_missing")
    rows.settle(unit, found.id, Settled(RequestState.DECLINED, answer.staff.id, answer.at, reason))
    audit.record(unit, deed("client_request.decline", answer, found.kind, found.client_id))


def approved(unit: Unit, answer: Answer, request: Request, detail: Detail) -> None:
    """Note that a request was approved and carried out."""
    rows.settle(unit, request.id, Settled(RequestState.DONE, answer.staff.id, answer.at))
    audit.record(unit, deed("client_request.approve", answer, request.kind, request.client_id, detail))


def waiting(unit: Unit, staff: Staff) -> list[Listed]:
    """What waits for a second person, or for a day."""
    demand(staff, Action.ERASE_CLIENT)
    return rows.unfinished(unit)


def deed(action: str, answer: Answer, kind: RequestKind, client_id: int, more: Detail | None = None) -> Deed:
    """The entry of the audit trail; the reason stands under the client's key."""
    detail: Detail = {"kind": kind.value, **(more or {})}
    thing, reason = f"client_request:{answer.request_id}", answer.reason or None
    return Deed(action, thing, answer.at, answer.staff.id, detail, reason, client_id=client_id)
