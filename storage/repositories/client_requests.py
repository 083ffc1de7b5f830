"""Requests on a client's behalf: asked for by one, settled by another."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import aliased

from bot.vocabulary.rights import RequestKind, RequestState
from storage.models import ClientRequestRow, ClientRow, StaffRow
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it stands."""

    id: int
    kind: RequestKind
    state: RequestState
    client_id: int
    reason: str
    asked_by: int
    asked_at: datetime
    next_on: date | None
    finished_at: datetime | None
    into_id: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One request as a list shows it: numbers and addresses of the clients, number and name of whoever asked.

    `standing` tells that the client's page still opens.
    """

    request: Request
    client: str
    staff: str
    name: str
    address: str
    standing: bool
    into: str | None = None
    into_address: str | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """A record that was merged into another: its number, when, and who approved it."""

    number: str
    at: datetime
    staff: str


@dataclass(frozen=True, slots=True)
class Settled:
    """How a request was settled: by whom, when, with which words."""

    state: RequestState
    staff_id: int
    at: datetime
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class NewRequest:
    """Something asked for: what, of which client, why, by whom."""

    kind: RequestKind
    client_id: int
    reason: str
    asked_by: int
    asked_at: datetime
    into_id: int | None = None


def add(unit: Unit, new: NewRequest) -> int:
    """Ask for something; gives the request's number."""
    row = ClientRequestRow(**asdict(new))
    unit.session.add(row)
    unit.flush()
    return row.id


def held(unit: Unit, request_id: int) -> Request | None:
    """A request, kept from others until the transaction ends."""
    found = select(ClientRequestRow).where(ClientRequestRow.id == request_id).with_for_update()
    row = unit.session.scalars(found).one_or_none()
    return None if row is None else _request(row)


def kind_of(unit: Unit, request_id: int) -> RequestKind | None:
    """What a request asks for."""
    return unit.session.scalar(select(ClientRequestRow.kind).where(ClientRequestRow.id == request_id))


def any_open(unit: Unit, client_id: int) -> bool:
    """Whether something was asked for of a client that nobody has settled."""
    row = ClientRequestRow
    found = select(row.id).where(row.client_id == client_id, row.state == RequestState.ASKED).limit(1)
    return unit.session.scalar(found) is not None


def settle(unit: Unit, request_id: int, settled: Settled) -> None:
    """Note how a request was settled."""
    row = ClientRequestRow
    values = {
        "state": settled.state,
        "settled_by": settled.staff_id,
        "settled_at": settled.at,
        "answer": settled.answer,
    }
    unit.session.execute(update(row).where(row.id == request_id).values(values))


def go_on(unit: Unit, request_id: int, next_on: date | None, at: datetime) -> None:
    """Note on which day the next part of an erasure is due; None: nothing of it is left."""
    row = ClientRequestRow
    values = {"next_on": next_on, "finished_at": at if next_on is None else None}
    unit.session.execute(update(row).where(row.id == request_id).values(values))


def due(unit: Unit, today: date) -> list[Request]:
    """Erasures of which a part is due, by number."""
    row = ClientRequestRow
    found = select(row).where(row.state == RequestState.DONE, row.finished_at.is_(None), row.next_on <= today)
    return [_request(one) for one in unit.session.scalars(found.order_by(row.id))]


def unfinished(unit: Unit) -> list[Listed]:
    """What waits for a second person, or for a day, the oldest first."""
    row = ClientRequestRow
    resting = and_(row.state == RequestState.DONE, row.finished_at.is_(None))
    return _listed(unit, or_(row.state == RequestState.ASKED, resting))


def asked_about(unit: Unit, client_id: int) -> list[Listed]:
    """What was asked for of a client, or would be merged into them, and nobody has settled; the oldest first."""
    row = ClientRequestRow
    return _listed(unit, row.state == RequestState.ASKED, or_(row.client_id == client_id, row.into_id == client_id))


def approved(unit: Unit, kind: RequestKind, staff_id: int, since: datetime) -> list[Listed]:
    """What a member of staff asked for and somebody approved since an instant, in the order of asking."""
    row = ClientRequestRow
    mine = and_(row.kind == kind, row.state == RequestState.DONE, row.asked_by == staff_id, row.settled_at > since)
    return _listed(unit, mine)


def _listed(unit: Unit, *conditions: ColumnElement[bool]) -> list[Listed]:
    row, other = ClientRequestRow, aliased(ClientRow)
    found = (
        select(row, ClientRow, StaffRow, other)
        .join(ClientRow, ClientRow.id == row.client_id)
        .join(StaffRow, StaffRow.id == row.asked_by)
        .outerjoin(other, other.id == row.into_id)
        .where(*conditions)
        .order_by(row.id)
    )
    return [
        Listed(
            request=_request(one),
            client=client.number,
            staff=staff.number,
            name=staff.name,
            address=client.public_id,
            standing=client.gone is None,
            into=into.number if into else None,
            into_address=into.public_id if into else None,
        )
        for one, client, staff, into in unit.session.execute(found)
    ]


def merged_into(unit: Unit, client_id: int) -> list[Merged]:
    """The records that make up a client's besides its own, the oldest merger first."""
    row = ClientRequestRow
    found = (
        select(ClientRow.number, row.settled_at, StaffRow.number)
        .join(ClientRow, ClientRow.id == row.client_id)
        .join(StaffRow, StaffRow.id == row.settled_by)
        .where(row.kind == RequestKind.MERGE, row.state == RequestState.DONE, ClientRow.merged_into == client_id)
        .order_by(row.settled_at, row.id)
    )
    return [Merged(number, at, staff) for number, at, staff in unit.session.execute(found) if at is not None]


def _request(row: ClientRequestRow) -> Request:
    return Request(
        id=row.id,
        kind=row.kind,
        state=row.state,
        client_id=row.client_id,
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        next_on=row.next_on,
        finished_at=row.finished_at,
        into_id=row.into_id,
    )
