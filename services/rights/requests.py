"""Two pairs of eyes: what one member of staff asks for on a client's behalf, another approves or declines."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import Conflict, NotPermitted, Refused
from bot.vocabulary import Action
from bot.vocabulary.rights import RequestKind, RequestState
from services import audit
from services.audit import Deed, Detail
from services.staff import demand
from storage.repositories import client_requests as rows
from storage.repositories import clients
from storage.repositories.client_requests import Listed, NewRequest, Request, Settled
from storage.repositories.clients import Client
from storage.repositories.staff import Staff
from storage.unit import Unit

RIGHTS = {
    RequestKind.ERASE: Action.ERASE_CLIENT,
    RequestKind.MERGE: Action.MERGE_CLIENTS,
    RequestKind.COPY: Action.EXPORT_CLIENT,
}
"""What one must be allowed to in order to settle a request."""


LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """Something wanted of the client with a number, by a member of staff, for a reason."""

    number: str
    staff: Staff
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: of which client, and into which other one it is merged."""

    kind: RequestKind
    client_id: int
    into_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Who settles which request, when, and why where it is declined."""

    request_id: int
    staff: Staff
    at: datetime
    reason: str = ""


def reason_of(wish: Wish) -> str:
    """The reason as it is kept; Refused without one."""
    words = " ".join(wish.reason.split())[:LONGEST_REASON]
    if not words:
        raise Refused("reason_missing")
    return words


def known(unit: Unit, number: str) -> Client:
    """The client with a number; Refused where there is none."""
    found = clients.by_number(unit, number)
    if found is None:
        raise Refused("client_unknown")
    return found


def ask(unit: Unit, wish: Wish, asked: Asked) -> int:
    """Write a request down; Refused where another one of the client waits."""
    reason = reason_of(wish)
    if rows.any_open(unit, asked.client_id):
        raise Refused("request_waits")
    new = NewRequest(asked.kind, asked.client_id, reason, wish.staff.id, wish.at, asked.into_id)
    answer = Answer(rows.add(unit, new), wish.staff, wish.at, reason)
    audit.record(unit, deed("client_request.ask", answer, asked.kind, asked.client_id))
    return answer.request_id


def kind_of(unit: Unit, staff: Staff, request_id: int) -> RequestKind:
    """What a request asks for; Refused where there is none."""
    demand(staff, Action.READ_CLIENTS)
    found = rows.kind_of(unit, request_id)
    if found is None:
        raise Refused("request_unknown")
    return found


def taken(unit: Unit, answer: Answer, kind: RequestKind) -> Request:
    """The request that somebody approves; it must be another's and still wait."""
    found = _waiting(unit, answer)
    if found.kind is not kind:
        raise Refused("request_unknown")
    if found.asked_by == answer.staff.id:
        raise NotPermitted("request_own")
    return found


def decline(unit: Unit, answer: Answer) -> None:
    """Say no, with a reason; whoever asked may take the request back so as well."""
    found, reason = _waiting(unit, answer), " ".join(answer.reason.split())
    if not reason:
        raise Refused("reason_missing")
    rows.settle(unit, found.id, Settled(RequestState.DECLINED, answer.staff.id, answer.at, reason))
    audit.record(unit, deed("client_request.decline", answer, found.kind, found.client_id))


def _waiting(unit: Unit, answer: Answer) -> Request:
    found = rows.held(unit, answer.request_id)
    if found is None:
        raise Refused("request_unknown")
    demand(answer.staff, RIGHTS[found.kind])
    if found.state is not RequestState.ASKED:
        raise Conflict("request_over")
    return found


def approved(unit: Unit, answer: Answer, request: Request, detail: Detail) -> None:
    """Note that a request was approved and carried out."""
    rows.settle(unit, request.id, Settled(RequestState.DONE, answer.staff.id, answer.at))
    audit.record(unit, deed("client_request.approve", answer, request.kind, request.client_id, detail))


def waiting(unit: Unit, staff: Staff) -> list[Listed]:
    """What waits for a second person, or for a day."""
    demand(staff, Action.ERASE_CLIENT)
    return rows.unfinished(unit)


def to_approve(unit: Unit, staff: Staff) -> list[Listed]:
    """What others asked for and this person may approve or decline, the oldest first."""
    asked = [one for one in waiting(unit, staff) if one.request.state is RequestState.ASKED]
    return [one for one in asked if one.request.asked_by != staff.id]


def about(unit: Unit, staff: Staff, client_id: int) -> list[Listed]:
    """What was asked for of a client and waits for a second person."""
    demand(staff, Action.ERASE_CLIENT)
    return rows.asked_about(unit, client_id)


def deed(action: str, answer: Answer, kind: RequestKind, client_id: int, more: Detail | None = None) -> Deed:
    """The entry of the audit trail; the reason stands under the client's key."""
    detail: Detail = {"kind": kind.value, **(more or {})}
    thing, reason = f"client_request:{answer.request_id}", answer.reason or None
    return Deed(action, thing, answer.at, answer.staff.id, detail, reason, client_id=client_id)
