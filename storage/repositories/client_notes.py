"""Notes on clients: added and read, never changed."""

from datetime import datetime

from storage.models import ClientNoteRow
from storage.unit import Unit

TEXT = "client_notes.text"


def add(unit: Unit, client_id: int, staff_id: int, text: str, at: datetime) -> int:
    """Keep a note; returns its id."""
    row = ClientNoteRow(client_id=client_id, staff_id=staff_id, at=at, text_sealed=unit.vault.seal(TEXT, text))
    unit.session.add(row)
    unit.flush()
    return row.id
