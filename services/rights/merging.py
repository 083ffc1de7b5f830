"""Two records of one person become one; the number of the one that goes finds the other from then on.

It is not undone by a command: the request and the row that was left tell what was merged, and a backup what hung on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import Refused
from bot.vocabulary import Action
from bot.vocabulary.rights import RequestKind
from services import audit
from services.audit import Deed
from services.rights import keeping, requests
from services.rights.requests import Answer, Asked, Wish, known
from services.staff import demand
from storage.repositories import client_lists, client_requests, clients, erasure, merge_sides, merging
from storage.repositories.client_lists import Item
from storage.repositories.client_requests import Merged
from storage.repositories.clients import Client
from storage.repositories.merge_sides import Side
from storage.repositories.staff import Staff
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
    _demand_unasked(unit, pair)
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


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records beside each other, what would stand, and how many rows of each class hang on them.

    `against` says what stands against a merger; None: nothing.
    """

    one: Side
    into: Side
    stands: Side
    rows: Sequence[tuple[str, int, int]]
    against: Refused | None


def compare(unit: Unit, staff: Staff, pair: Pair) -> Comparison:
    """What a merger would do; nothing is written."""
    demand(staff, Action.MERGE_CLIENTS)
    sides = merge_sides.sides(unit, pair.one.id, pair.into.id)
    return Comparison(*sides, rows=_rows(unit, pair), against=_against(unit, pair))


def alike(unit: Unit, staff: Staff, client_id: int) -> list[Item]:
    """Records that may be of the same person: what they say of name, telephone, e-mail, id or account is the same."""
    demand(staff, Action.MERGE_CLIENTS)
    return client_lists.alike(unit, client_id)


def _rows(unit: Unit, pair: Pair) -> list[tuple[str, int, int]]:
    hanging = [erasure.hanging(unit, clients.same(unit, one.id)) for one in (pair.one, pair.into)]
    return [(keep, hanging[0].get(keep, 0), hanging[1].get(keep, 0)) for keep in keeping.classes()]


def _against(unit: Unit, pair: Pair) -> Refused | None:
    try:
        _check_one_person(unit, pair)
        _demand_unasked(unit, pair)
    except Refused as refused:
        return refused
    return None


def history(unit: Unit, client_id: int) -> list[Merged]:
    """The records that were merged into a client's, the oldest first."""
    return client_requests.merged_into(unit, client_id)


def _demand_unasked(unit: Unit, pair: Pair) -> None:
    if any(client_requests.any_open(unit, each.id) for each in (pair.one, pair.into)):
        raise Refused("request_waits")


def _demand_one_person(unit: Unit, pair: Pair) -> None:
    clients.hold(unit, (pair.one.id, pair.into.id))
    _check_one_person(unit, pair)


def _check_one_person(unit: Unit, pair: Pair) -> None:
    if pair.one.id == pair.into.id:
        raise Refused("merge_same")
    if clients.gone(unit, pair.one.id) or clients.gone(unit, pair.into.id):
        raise Refused("client_gone")
    if merging.differ(unit, pair.one.id, pair.into.id):
        raise Refused("merge_identity_differs")
