"""Writing the audit trail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.models import AuditRow
from storage.repositories import client_keys
from storage.unit import Unit
from storage.vault import open_under, seal_under

Detail = Mapping[str, str | int | bool | None]
CLIENT = "client:"
PERSONAL = "audit.personal"


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done: by whom (None: the client or the service itself), what, to which thing, and why.

    `detail` holds no personal data. Where the thing is a client (`client:17`), or one is named, `personal` and the
    words of the reason are kept under that client's key.
    """

    action: str
    object: str
    at: datetime
    staff_id: int | None = None
    detail: Detail = field(default_factory=dict)
    reason: str | None = None
    personal: Detail = field(default_factory=dict)
    client_id: int | None = None

    @property
    def about(self) -> int | None:
        """The client whom it concerns."""
        if self.client_id is not None or not self.object.startswith(CLIENT):
            return self.client_id
        return int(self.object.removeprefix(CLIENT))


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry tells of a client."""

    personal: Detail
    reason: str | None


def add(unit: Unit, *deeds: Deed) -> None:
    """Write deeds; what they tell of somebody whose key was destroyed is not written."""
    unit.session.add_all([_row(unit, deed) for deed in deeds])
    unit.flush()


def _row(unit: Unit, deed: Deed) -> AuditRow:
    about = deed.about
    if about is None and deed.personal:
        raise ValueError(f"{deed.action} tells of nobody")
    return AuditRow(
        at=deed.at,
        staff_id=deed.staff_id,
        action=deed.action,
        object=deed.object,
        detail=dict(deed.detail),
        reason=deed.reason if about is None else None,
        client_id=about,
        personal=None if about is None else _sealed(unit, deed, about),
    )


def opened(key: bytes, client_id: int, sealed: bytes) -> Told:
    """What stands under a client's key."""
    held = json.loads(open_under(key, _place(client_id), sealed))
    return Told(held["personal"], held["reason"])


def _sealed(unit: Unit, deed: Deed, client_id: int) -> bytes | None:
    if not deed.personal and not deed.reason:
        return None
    key = client_keys.of(unit, client_id, deed.at)
    words = json.dumps({"personal": dict(deed.personal), "reason": deed.reason}, ensure_ascii=False)
    return b"" if key is None else seal_under(key, _place(client_id), words)


def _place(client_id: int) -> str:
    return f"{PERSONAL}:{client_id}"
