"""Two records of one person become one; the number of the one that goes finds the other from then on.

It is not undone by a command: the request and the row that was left tell what was merged, and a backup what hung on it.
"""

from dataclasses import dataclass

from bot.errors import Refused
from bot.vocabulary import Action
from bot.vocabulary.rights import RequestKind
from services import audit
from services.audit import Deed
from services.rights import requests
from services.rights.copies import Wish
from services.rights.requests import Answer, Asked, known
from services.staff import demand
from storage.repositories import client_requests, clients, merging
from storage.repositories.client_requests import Merged
from storage.repositories.clients import Client
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Pair:
    """The record that goes, and the one that stays."""

    one: Client
    into: Client


def ask(unit: Unit, wish: Wish, into: str) -> int:
    """Ask for the record of the wish to be merged into another; gives the request's number.

    Refused where they are one already, where one is erased, or where their id numbers tell two persons.
    """
    demand(wish.staff, Action.MERGE_CLIENTS)
    pair = Pair(known(unit, wish.number), known(unit, into))
    _demand_one_person(unit, pair)
    if client_requests.any_open(unit, pair.into.id):
        raise Refused("request_waits")
    return requests.ask(unit, wish, Asked(RequestKind.MERGE, pair.one.id, pair.into.id))


def approve(unit: Unit, answer: Answer) -> Pair:
    """Carry out what another asked for."""
    request = requests.taken(unit, answer, RequestKind.MERGE)
    one, into = (clients.by_id(unit, each) for each in (request.client_id, request.into_id or 0))
    if one is None or into is None:
        raise Refused("client_unknown")
    pair = Pair(one, into)
    _demand_one_person(unit, pair)
    moved = merging.hang_on(unit, one.id, into.id, answer.at)
    merging.unite(unit, one.id, into.id, answer.at)
    requests.approved(unit, answer, request, {"rows": sum(moved.values())})
    client_requests.go_on(unit, request.id, None, answer.at)
    detail = {"from": one.id, **{name: rows for name, rows in moved.items() if rows}}
    audit.record(unit, Deed("client.merge", f"client:{into.id}", answer.at, answer.staff.id, detail))
    return pair


def history(unit: Unit, client_id: int) -> list[Merged]:
    """The records that were merged into a client's, the oldest first."""
    return client_requests.merged_into(unit, client_id)


def _demand_one_person(unit: Unit, pair: Pair) -> None:
    if pair.one.id == pair.into.id:
        raise Refused("merge_same")
    clients.hold(unit, (pair.one.id, pair.into.id))
    if clients.gone(unit, pair.one.id) or clients.gone(unit, pair.into.id):
        raise Refused("client_gone")
    if merging.differ(unit, pair.one.id, pair.into.id):
        raise Refused("merge_identity_differs")
