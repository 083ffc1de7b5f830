"""Reading and writing what clients agreed to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.vocabulary import ConsentPurpose
from storage.models import ClientRow, ConsentRow
from storage.repositories import claims, clients
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Statement:
    """What a client said about one purpose: to which version of the words, on which channel, when."""

    client_id: int
    purpose: ConsentPurpose
    granted: bool
    version: str
    channel: str
    at: datetime


def add(unit: Unit, said: Statement) -> None:
    """Store a statement; it takes the place of the purpose's earlier one, which stays on record.

    Two at once wait for one another, or both would hold. After a no, what was looked at before is looked at anew.
    """
    clients.hold(unit, [said.client_id])
    unit.session.execute(
        update(ConsentRow)
        .where(ConsentRow.client_id == said.client_id, ConsentRow.purpose == said.purpose, ConsentRow.current)
        .values(current=False)
    )
    unit.session.add(
        ConsentRow(
            client_id=said.client_id,
            purpose=said.purpose,
            granted=said.granted,
            version=said.version,
            channel=said.channel,
            at=said.at,
        )
    )
    unit.flush()
    if not said.granted:
        claims.look_anew(unit, said.client_id, said.at)


def current(unit: Unit, client_id: int) -> dict[ConsentPurpose, Statement]:
    """What holds now of each purpose that the client ever spoke of."""
    row = ConsentRow
    statement = select(row.client_id, row.purpose, row.granted, row.version, row.channel, row.at)
    found = unit.session.execute(statement.where(row.client_id == client_id, row.current).order_by(row.id))
    return {one.purpose: Statement(*one) for one in found}


def granted(unit: Unit, client_id: int) -> frozenset[ConsentPurpose]:
    """The purposes the client agrees to now."""
    rows = unit.session.scalars(
        select(ConsentRow.purpose).where(ConsentRow.client_id == client_id, ConsentRow.current, ConsentRow.granted)
    )
    return frozenset(rows)


def set_opted_out(unit: Unit, client_id: int, at: datetime | None) -> None:
    """Stop everything that is not essential from `at` on, also what was about to go out; None takes it back."""
    unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(opted_out_at=at))
    if at is not None:
        claims.look_anew(unit, client_id, at)
