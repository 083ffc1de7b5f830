"""A client's standing: what it stops, and changing it."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import Conflict, Refused
from bot.vocabulary import Action, ClientState, Purpose
from services import audit
from services.audit import Deed
from services.delivery.gate import APPLIES
from services.identity import LEFT
from services.staff import demand
from storage.repositories import client_record as rows
from storage.repositories.client_lists import Item
from storage.repositories.client_record import Signed
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a standing means: which messages no longer go out, which still do, and whether the client has left."""

    stopped: tuple[Purpose, ...]
    going: tuple[Purpose, ...]
    left: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of standing from what the form showed, and why."""

    before: ClientState
    after: ClientState
    reason: str
    at: datetime


def consequence(state: ClientState) -> Consequence:
    """As the gate's own table has it."""
    stopped = tuple(purpose for purpose in Purpose if any(rule.name == state for rule in APPLIES[purpose]))
    going = tuple(purpose for purpose in Purpose if purpose not in stopped)
    return Consequence(stopped, going, state in LEFT)


def turn(unit: Unit, staff: Staff, client: Item, wanted: Turn) -> None:
    """Set it, with a reason. Refused where it is so already; Conflict where it is no longer what the form showed."""
    demand(staff, Action.SET_CLIENT_STATE, own=staff.has(*client.keepers))
    reason = " ".join(wanted.reason.split())[:LONGEST_REASON]
    if not reason:
        raise Refused("reason_missing")
    if wanted.after is wanted.before:
        raise Refused("client_state_same")
    if rows.set_state(unit, Signed(client.id, staff.id, wanted.at, reason), wanted.after) is not wanted.before:
        raise Conflict("client_state_changed")
    detail = {"before": wanted.before.value, "after": wanted.after.value}
    audit.record(unit, Deed("client.state", f"client:{client.id}", wanted.at, staff.id, detail, reason))
