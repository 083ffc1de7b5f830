"""Reading and writing clients."""

from dataclasses import dataclass

from bot.vocabulary import ClientKind, ClientState, Locale, RiskLevel
from storage.models import ClientRow
from storage.unit import Unit

SALUTATION = "clients.salutation"
NAME = "clients.name"
PREFIX = "clients.prefix"
PHONE = "clients.phone"
IDENTITY = "clients.identity"
"""Places under which fields are sealed and looked up."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client as a turn or a page knows them; the salutation is personal data."""

    id: int
    public_id: str
    number: str
    salutation: str
    locale: Locale
    state: ClientState
    kind: ClientKind
    risk_level: RiskLevel | None
    manager_id: int | None


def by_id(unit: Unit, client_id: int) -> Client | None:
    """The client, if there is one."""
    row = unit.session.get(ClientRow, client_id)
    return None if row is None else _client(unit, row)


def _client(unit: Unit, row: ClientRow) -> Client:
    sealed = row.salutation_sealed
    return Client(
        id=row.id,
        public_id=row.public_id,
        number=row.number,
        salutation=unit.vault.open(SALUTATION, sealed) if sealed else "",
        locale=row.locale,
        state=row.state,
        kind=row.kind,
        risk_level=row.risk_level,
        manager_id=row.manager_id,
    )
