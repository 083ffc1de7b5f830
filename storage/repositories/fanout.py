"""One message for many clients, set-wise: which chat each is reached on, and their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, false, func, literal, or_, select, true

from bot.vocabulary import DeliveryState
from storage.models import ChatAccountRow, ClientRow, ConversationRow, DeliveryRow
from storage.unit import Unit
from storage.upserts import insertion

Audience = Select[tuple[int]]
"""Client ids, as made by storage/segments.py."""

CHUNK = 500
"""Recipients in one chunk of a fan-out."""


@dataclass(frozen=True, slots=True)
class Way:
    """One of our accounts in the order in which clients are tried on it; `allowed` says that the content may go there.

    `open_since`: a chat there takes a message only if the client wrote after it and fewer than `window` messages
    have gone out since; None where the platform has no window.
    """

    channel: str
    account: str
    allowed: bool = True
    open_since: datetime | None = None
    window: int = 0


@dataclass(frozen=True, slots=True)
class Chat:
    """The chat chosen for a client."""

    account_id: int
    conversation_id: int | None
    channel: str
    account: str
    address: str


def choose(unit: Unit, client_id: int, ways: Sequence[Way]) -> Chat | None:
    """Where one client is reached; None where nowhere."""
    chosen = _ranked(select(literal(client_id).label("id")), ways).subquery()
    columns = [chosen.c[name] for name in Chat.__slots__]
    row = unit.session.execute(select(*columns).where(chosen.c.place == 1)).one_or_none()
    return None if row is None else Chat(*row)


def _ranked(audience: Audience, ways: Sequence[Way]) -> Select[Any]:
    """The audience's live chats; place 1 by: open before shut, allowed, preferred, our own order."""
    wanted = audience.subquery()
    preferred = case((ChatAccountRow.channel == ClientRow.preferred_channel, 0), else_=1)
    order = case(*[(_on(way), place) for place, way in enumerate(ways)], else_=len(ways)) if ways else literal(0)
    place = func.row_number().over(
        partition_by=ChatAccountRow.client_id,
        order_by=(_shut(ways), _barred(ways), preferred, order, ChatAccountRow.id),
    )
    return (
        select(
            ChatAccountRow.client_id,
            ChatAccountRow.id.label("account_id"),
            ConversationRow.id.label("conversation_id"),
            ChatAccountRow.channel,
            ChatAccountRow.account,
            ChatAccountRow.address,
            place.label("place"),
        )
        .join(ClientRow, ClientRow.id == ChatAccountRow.client_id)
        .outerjoin(ConversationRow, ConversationRow.account_id == ChatAccountRow.id)
        .where(ClientRow.id.in_(select(wanted.c[0])), ChatAccountRow.gone_at.is_(None))
        .where(or_(false(), *[_on(way) for way in ways]))
    )


def _on(way: Way) -> ColumnElement[bool]:
    return and_(ChatAccountRow.channel == way.channel, ChatAccountRow.account == way.account)


def _barred(ways: Sequence[Way]) -> ColumnElement[int]:
    return case((or_(false(), *[_on(way) for way in ways if not way.allowed]), 1), else_=0)


def _shut(ways: Sequence[Way]) -> ColumnElement[int]:
    windows = [
        and_(_on(way), ChatAccountRow.last_inbound_at > way.open_since, ChatAccountRow.window_used < way.window)
        for way in ways
        if way.open_since is not None
    ]
    free = [_on(way) for way in ways if way.open_since is None]
    return case((or_(false(), *windows, *free), 0), else_=1)


def fan_out(unit: Unit, audience: Audience, ways: Sequence[Way], values: Mapping[str, Any]) -> int:
    """One delivery for every client of the audience, in one statement; returns how many rows were made.

    `values` are the columns that all rows share; the row's key is `<key>:<client id>`. A client without a live
    chat gets a row that says so.
    """
    clients = audience.subquery()
    chats = _ranked(audience, ways).subquery()
    reached = chats.c.account_id.is_not(None)
    own: dict[str, ColumnElement[Any]] = {
        "key": literal(f"{values['key']}:", String) + cast(clients.c[0], String),
        "client_id": clients.c[0],
        **{name: chats.c[name] for name in Chat.__slots__},
        "chunk": (func.row_number().over(order_by=clients.c[0]) - 1) // literal(CHUNK),
        "state": case((reached, DeliveryState.PENDING.value), else_=DeliveryState.SUPPRESSED.value),
        "rule": case((reached, None), else_="unreachable"),
    }
    columns = {name: _shared(name, value) for name, value in values.items() if value is not None} | own
    chosen = and_(chats.c.client_id == clients.c[0], chats.c.place == 1)
    source = select(*columns.values()).select_from(clients.outerjoin(chats, chosen)).where(true())
    statement = insertion(unit, DeliveryRow).from_select(list(columns), source)
    statement = statement.on_conflict_do_nothing(index_elements=["key"])
    done = unit.session.connection().execute(statement, execution_options={"preserve_rowcount": True})
    return done.rowcount


def _shared(name: str, value: object) -> ColumnElement[Any]:
    return literal(value, DeliveryRow.__table__.c[name].type)
