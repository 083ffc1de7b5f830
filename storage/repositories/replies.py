"""What staff said to clients, with what it answered."""

from dataclasses import dataclass

from sqlalchemy import select

from bot.vocabulary import Purpose
from storage.models import DeliveryRow, InboxRow
from storage.unit import Unit

LOOKED_AT = 5
"""Messages of the client before a reply, of which one may be the question."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a dialogue, and what the client wrote before it, the latest first."""

    conversation_id: int
    purpose: Purpose
    text: str
    heard: tuple[str, ...]


def said(unit: Unit, delivery_id: int) -> Said | None:
    """The message; None where there is none, or it has no dialogue or no words."""
    row, heard = DeliveryRow, InboxRow
    found = unit.session.execute(
        select(row.conversation_id, row.purpose, row.text, row.created_at).where(row.id == delivery_id)
    ).one_or_none()
    if found is None or found.conversation_id is None or not found.text:
        return None
    before = select(heard.text).where(heard.conversation_id == found.conversation_id, heard.text != "")
    before = before.where(heard.received_at <= found.created_at).order_by(heard.id.desc()).limit(LOOKED_AT)
    return Said(found.conversation_id, found.purpose, found.text, tuple(unit.session.scalars(before)))
