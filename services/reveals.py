"""Showing one sealed field of one client in clear: for a purpose, and never without an entry in the audit trail."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import NotPermitted, Refused
from bot.vocabulary import REVEALED, Action, PersonalField, RevealPurpose
from services import audit
from services.audit import Deed
from services.staff import demand
from storage.repositories import clients as rows
from storage.repositories.client_lists import Item
from storage.repositories.staff import Staff
from storage.unit import Unit

LEAST_WORDS = 4
"""Signs in which another purpose is told."""
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """Which field somebody wants to see, what for, and in their own words where it is for something else."""

    field: PersonalField
    purpose: RevealPurpose
    words: str
    at: datetime


def open_to(staff: Staff) -> frozenset[PersonalField]:
    """The fields that a person's roles may ever see in clear."""
    return frozenset(field for field, roles in REVEALED.items() if staff.roles & roles)


def reveal(unit: Unit, staff: Staff, client: Item, wish: Wish) -> str:
    """The field in clear, with the entry written in the same transaction; Refused without a reason or a value."""
    demand(staff, Action.REVEAL, own=staff.has(*client.keepers))
    if wish.field not in open_to(staff):
        raise NotPermitted("staff_not_permitted")
    words = wish.words.strip()[:LONGEST_WORDS]
    if wish.purpose is RevealPurpose.OTHER and len(words) < LEAST_WORDS:
        raise Refused("reveal_purpose_missing", least=LEAST_WORDS)
    clear = rows.clear(unit, client.id, wish.field)
    if clear is None:
        raise Refused("reveal_nothing")
    detail = {"field": wish.field.value, "purpose": wish.purpose.value}
    audit.record(unit, Deed("client.reveal", f"client:{client.id}", wish.at, staff.id, detail, words or None))
    return clear
