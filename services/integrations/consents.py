"""What clients agree to, as other systems read and record it."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.vocabulary import ConsentPurpose
from services import audit
from services.consents import VERSION, Consents, Statement
from services.integrations.clients import By, ClientUnknown
from storage.repositories import clients, preferences
from storage.repositories.clients import Client
from storage.unit import Unit

__all__ = ["VERSION", "Agreed", "Said", "record", "shown"]


@dataclass(frozen=True, slots=True)
class Said:
    """A client's yes or no to one purpose, told elsewhere: to which version of the words, and by which way."""

    purpose: ConsentPurpose
    granted: bool
    version: str
    channel: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """The purposes a client agrees to; nothing of them counts while everything is stopped."""

    purposes: Collection[ConsentPurpose]
    opted_out: bool


def shown(unit: Unit, by: By, number: str) -> Agreed:
    """What the client agrees to now; ClientUnknown where there is none."""
    client = _client(unit, number)
    audit.record(unit, by.deed("consent.read", f"client:{client.id}"))
    return _agreed(unit, client)


def record(unit: Unit, by: By, number: str, said: Said) -> Agreed:
    """Record a statement as if it were said in a chat; ClientUnknown where there is no client."""
    client = _client(unit, number)
    statement = Statement(client.id, said.purpose, said.granted, said.version, said.channel, by.at)
    consents = Consents()
    (consents.agree if said.granted else consents.state)(unit, statement)
    audit.record(unit, by.deed("consent.state", f"client:{client.id}", purpose=said.purpose, granted=said.granted))
    return _agreed(unit, client)


def _client(unit: Unit, number: str) -> Client:
    found = clients.by_number(unit, number)
    if found is None:
        raise ClientUnknown("client_unknown")
    return found


def _agreed(unit: Unit, client: Client) -> Agreed:
    return Agreed(Consents().current(unit, client.id), preferences.of(unit, client.id).opted_out)
