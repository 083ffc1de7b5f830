"""Notes on a client: with their author, never changed."""

from datetime import datetime

from bot.errors import Refused
from bot.vocabulary import Action
from services import audit
from services.audit import Deed
from services.staff import demand
from storage.repositories import client_notes as rows
from storage.repositories.client_lists import Item
from storage.repositories.staff import Staff
from storage.unit import Unit

LONGEST = 2000


def add(unit: Unit, staff: Staff, client: Item, text: str, now: datetime) -> None:
    """Keep a note."""
    demand(staff, Action.NOTE_CLIENTS, own=staff.has(*client.keepers))
    if not text.strip():
        raise Refused("text_missing")
    if len(text) > LONGEST:
        raise Refused("text_too_long", limit=LONGEST)
    number = rows.add(unit, client.id, staff.id, text.strip(), now)
    audit.record(unit, Deed("client.note", f"client:{client.id}", now, staff.id, {"note": number}))
