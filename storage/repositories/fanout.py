"""One message for many clients, set-wise: which chat each is reached on, and their rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from bot.vocabulary import DeliveryState
from storage.models import ChatAccountRow, ClientRow, ConversationRow, DeliveryRow
from storage.unit import Unit
from storage.upserts import insertion

Audience = Select[int]
"""Client ids, as made by storage/segments.py."""

CHUNK = 500
"""Recipients in one chunk of a fan-out."""

PACK = 10**12
"""More than any id of a chat."""

Reached = aliased(ChatAccountRow)
"""The chat chosen for a client."""


@dataclass(frozen=True, slots=True)
class Way:
    """One of our accounts in the order in which clients are tried on it; `allowed` says that the content may go there.

    `open_since`: a chat there takes a message only if the client wrote after it and fewer than `window` messages
    have gone out since, or likewise by `acted_since` and `actions`; None where the platform has no window.
    """

    channel: str
    account: str
    allowed: bool = True
    open_since: datetime | None = None
    window: int = 0
    acted_since: datetime | None = None
    actions: int = 0


@dataclass(frozen=True, slots=True)
class Chat:
    """The chat chosen for a client."""

    account_id: int
    conversation_id: int | None
    channel: str
    account: str
    address: str

    @property
    def place(self) -> tuple[str, str]:
        """Which of our accounts it is a chat with."""
        return self.channel, self.account


@dataclass(frozen=True, slots=True)
class Reachable:
    """A chat by which a client may be told something; `open`: it takes a message now."""

    chat: Chat
    open: bool


def choose(unit: Unit, client_id: int, ways: Sequence[Way]) -> Chat | None:
    """Where one client is reached; None where nowhere."""
    return choose_each(unit, [client_id], ways).get(client_id)


def choose_each(unit: Unit, client_ids: Collection[int], ways: Sequence[Way]) -> dict[int, Chat]:
    """Where each of some clients is reached; those reached nowhere are left out."""
    found = picked(ClientRow.id.in_(client_ids), ways)
    columns = (Reached.id, ConversationRow.id, Reached.channel, Reached.account, Reached.address)
    rows = unit.session.execute(
        select(found.c.client, *columns)
        .join_from(found, Reached, Reached.id == found.c.chat)
        .outerjoin(ConversationRow, ConversationRow.account_id == Reached.id)
    )
    return {row[0]: Chat(*row[1:]) for row in rows}


def reachable(unit: Unit, client_ids: Collection[int], ways: Sequence[Way]) -> dict[int, list[Reachable]]:
    """Every live chat of some clients that may carry the content, best first."""
    own = ChatAccountRow
    rows = unit.session.execute(
        select(ClientRow.id, own.id, ConversationRow.id, own.channel, own.account, own.address, not_(opens(ways)))
        .join_from(ClientRow, own, own.client_id == ClientRow.id)
        .outerjoin(ConversationRow, ConversationRow.account_id == own.id)
        .where(ClientRow.id.in_(client_ids), own.gone_at.is_(None))
        .where(or_(false(), *[_on(way) for way in ways if way.allowed]))
        .order_by(ClientRow.id, _rank(ways), own.id)
    )
    found: dict[int, list[Reachable]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Reachable(Chat(*row[1:6]), not row[6]))
    return found


def picked(wanted: ColumnElement[bool], ways: Sequence[Way]) -> Subquery:
    """Clients, each with the id of the chat they are reached on."""
    return select(ClientRow.id.label("client"), _best(ways).label("chat")).where(wanted).subquery("picked")


def _best(ways: Sequence[Way]) -> ColumnElement[int]:
    """The id of a client's chat: open before shut, then allowed, then preferred, then by our own order.

    The least of rank and id in one number: in a sub-query SQLite lets no ORDER BY look at the client.
    """
    least = (
        select(func.min(_rank(ways) * literal(PACK, BigInteger) + ChatAccountRow.id))
        .where(ChatAccountRow.client_id == ClientRow.id, ChatAccountRow.gone_at.is_(None))
        .where(or_(false(), *[_on(way) for way in ways]))
        .correlate(ClientRow)
    )
    return least.scalar_subquery() % PACK


def _rank(ways: Sequence[Way]) -> ColumnElement[int]:
    preferred = case((ChatAccountRow.channel == ClientRow.preferred_channel, 0), else_=1)
    order = case(*[(_on(way), place) for place, way in enumerate(ways)], else_=len(ways)) if ways else literal(0)
    shut = case((opens(ways), 0), else_=1)
    return ((shut * 2 + _barred(ways)) * 2 + preferred) * (len(ways) + 1) + order


def _on(way: Way, chat: type[ChatAccountRow] = ChatAccountRow) -> ColumnElement[bool]:
    return and_(chat.channel == way.channel, chat.account == way.account)


def _barred(ways: Sequence[Way]) -> ColumnElement[int]:
    return case((or_(false(), *[_on(way) for way in ways if not way.allowed]), 1), else_=0)


def opens(ways: Sequence[Way], chat: type[ChatAccountRow] = ChatAccountRow) -> ColumnElement[bool]:
    """Whether the platform lets a message go to a chat now, as far as its windows tell."""
    return or_(false(), *[and_(_on(way, chat), _has_window(way, chat)) for way in ways])


def _has_window(way: Way, chat: type[ChatAccountRow]) -> ColumnElement[bool]:
    if way.open_since is None:
        return true()
    wrote = and_(chat.last_inbound_at > way.open_since, chat.window_used < way.window)
    acted = and_(chat.acted_at > way.acted_since, chat.action_used < way.actions) if way.acted_since else false()
    return func.coalesce(or_(wrote, acted), false())


def fan_out(unit: Unit, audience: Audience, ways: Sequence[Way], values: Mapping[str, Any], first: int = 0) -> int:
    """One delivery for every client of the audience, in one statement; returns how many rows were made.

    `values` are the columns that all rows share; the row's key is `<key>:<client id>`. A client without a live
    chat gets a row that says so. `first`: how many recipients there were before, for the number of the chunk.
    """
    found = picked(ClientRow.id.in_(audience), ways)
    reached = Reached.id.is_not(None)
    position = cast(func.row_number().over(order_by=found.c.client) + (first - 1), Integer)
    own: dict[str, ColumnElement[Any]] = {
        "key": literal(f"{values['key']}:", String) + cast(found.c.client, String),
        "client_id": found.c.client,
        "account_id": Reached.id.expression,
        "conversation_id": ConversationRow.id.expression,
        **{name: getattr(Reached, name).expression for name in ("channel", "account", "address")},
        "chunk": position.op("/")(literal(CHUNK)),
        "state": case((reached, DeliveryState.PENDING.value), else_=DeliveryState.SUPPRESSED.value),
        "rule": case((reached, None), else_="unreachable"),
    }
    columns = {name: _shared(name, value) for name, value in values.items() if value is not None} | own
    source = (
        select(*columns.values())
        .select_from(found)
        .outerjoin(Reached, Reached.id == found.c.chat)
        .outerjoin(ConversationRow, ConversationRow.account_id == Reached.id)
        .where(true())  # without it SQLite takes ON CONFLICT for a join
        .order_by(found.c.client)
    )
    statement = insertion(unit, DeliveryRow).from_select(list(columns), source)
    statement = statement.on_conflict_do_nothing(index_elements=["key"])
    done = unit.connection.execute(statement, execution_options={"preserve_rowcount": True})
    return done.rowcount


def _shared(name: str, value: object) -> ColumnElement[Any]:
    return literal(value, DeliveryRow.__table__.c[name].type)
