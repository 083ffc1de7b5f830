"""What the gate reads, loaded for a whole chunk at a time."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, bindparam, exists, func, or_, select, true

from bot.clock import branch_date, branch_time
from bot.vocabulary import (
    ESSENTIAL,
    PLANNED,
    ClientFacts,
    ConsentPurpose,
    DeliveryState,
    Interest,
    Locale,
    PlanFacts,
    Purpose,
    TicketKind,
)
from bot.vocabulary.tickets import CLOSED
from storage.models import (
    ChatAccountRow,
    ClientInterestRow,
    ClientPlanRow,
    ClientRow,
    ConsentRow,
    DeliveryRow,
    TicketRow,
)
from storage.repositories import claims, notices
from storage.repositories.clients import SALUTATION
from storage.types import UTCDateTime
from storage.unit import Unit

WEEK = timedelta(days=7)
OUT = (
    DeliveryState.SENDING,
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.READ,
    DeliveryState.AWAITING_STAFF,
    DeliveryState.UNCERTAIN,
)
"""States of messages that a client has got, or may have."""


@dataclass(frozen=True, slots=True)
class Person:
    """A client as the pump needs them: facts for the gate, language, and the salutation where it is wanted."""

    facts: ClientFacts
    locale: Locale
    salutation: str | None


@dataclass(frozen=True, slots=True)
class ChatFacts:
    """One chat as the pump needs it; `notices` are the consents left, by form of the platform."""

    gone: bool
    last_inbound_at: datetime | None = None
    window_used: int = 0
    acted_at: datetime | None = None
    action_used: int = 0
    group_month: str | None = None
    group_used: int = 0
    client_id: int | None = None
    notices: Mapping[str, int] = field(default_factory=dict)


_CHAT = (
    ChatAccountRow.gone_at,
    ChatAccountRow.last_inbound_at,
    ChatAccountRow.window_used,
    ChatAccountRow.acted_at,
    ChatAccountRow.action_used,
    ChatAccountRow.group_month,
    ChatAccountRow.group_used,
    ChatAccountRow.client_id,
)


def _among(column: Any) -> Any:
    return column.in_(bindparam("ids", expanding=True))


# Every chunk asks these: built once, executed on the connection.
_CHATS = select(ChatAccountRow.id, *_CHAT).where(_among(ChatAccountRow.id))


@dataclass
class _Sent:
    today: int = 0
    week: dict[Purpose, int] = field(default_factory=dict)


_CLIENT = (
    ClientRow.id,
    ClientRow.state,
    ClientRow.kind,
    ClientRow.locale,
    ClientRow.opted_out_at,
    ClientRow.risk_level,
    ClientRow.risk_valid_until,
    ClientRow.birth_year,
    ClientRow.birth_month,
    ClientRow.birth_day,
    ClientRow.quiet_from,
    ClientRow.quiet_to,
    ClientRow.salutation_sealed,
)
_CLIENTS = select(*_CLIENT).where(_among(ClientRow.id)).order_by(ClientRow.id)
_LOCKED_CLIENTS = _CLIENTS.with_for_update(key_share=True)
_CONSENTS = select(ConsentRow.client_id, ConsentRow.purpose).where(
    _among(ConsentRow.client_id), ConsentRow.current, ConsentRow.granted
)
_COMPLAINING = (TicketRow.kind == TicketKind.COMPLAINT, TicketRow.state.not_in(list(CLOSED)))
_COMPLAINTS = select(TicketRow.client_id).where(_among(TicketRow.client_id), *_COMPLAINING)


def complaining() -> ColumnElement[bool]:
    """Whether a client has an open complaint; beside rows of clients."""
    return exists().where(TicketRow.client_id == ClientRow.id, *_COMPLAINING)


def count_sent(
    since: datetime | ColumnElement[datetime], which: ColumnElement[bool], besides: ColumnElement[bool] | None = None
) -> ScalarSelect[int]:
    """How many messages that count a client got since an instant, or may have; beside rows of clients.

    `besides`: what else counts.
    """
    out = and_(DeliveryRow.claimed_at >= since, DeliveryRow.state.in_(OUT))
    return (
        select(func.count())
        .select_from(DeliveryRow)
        .where(DeliveryRow.client_id == ClientRow.id, which)
        .where(out if besides is None else or_(out, besides))
        .where(DeliveryRow.purpose.not_in(list(ESSENTIAL)))
        .correlate(ClientRow)
        .scalar_subquery()
    )


def _since(name: str) -> ColumnElement[datetime]:
    return bindparam(name, type_=UTCDateTime())


WEEKLY: Mapping[Purpose, ColumnElement[bool]] = {
    Purpose.PRODUCT: DeliveryRow.product_risk.is_not(None) | (DeliveryRow.purpose == Purpose.PRODUCT),
    Purpose.EDUCATION: DeliveryRow.purpose == Purpose.EDUCATION,
}
"""What counts against the house's caps of a week."""


def promised(dead: datetime | ColumnElement[datetime], now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """What the gate has let through and is about to go out: held by a worker since `dead`, or parked for a group."""
    held = and_(DeliveryRow.claimed_by.is_not(None), DeliveryRow.claimed_at > dead)
    return and_(claims.PENDING, or_(held, and_(DeliveryRow.rule == claims.PARKED, DeliveryRow.not_before > now)))


_PROMISED = and_(promised(_since("dead"), _since("now")), DeliveryRow.id.not_in(bindparam("deciding", expanding=True)))

_SENT = select(
    ClientRow.id,
    count_sent(_since("midnight"), true(), _PROMISED),
    *(count_sent(_since("week"), which, _PROMISED) for which in WEEKLY.values()),
).where(_among(ClientRow.id))
"""Counted client by client: so both databases use the index on clients, whatever they know of the table."""


_PLANS = select(ClientPlanRow.client_id, ClientPlanRow.plan, ClientPlanRow.weekly).where(
    _among(ClientPlanRow.client_id)
)
_INTERESTS = select(ClientInterestRow.client_id, ClientInterestRow.interest).where(_among(ClientInterestRow.client_id))
_OF_PLANS = count_sent(_since("week"), DeliveryRow.purpose.in_(PLANNED), _PROMISED)
_PLANNED = select(ClientRow.id, _OF_PLANS).where(_among(ClientRow.id))
"""Asked for clients with a plan of their own alone: most have none."""


def people(
    unit: Unit, ids: Collection[int], saluted: Collection[int], now: datetime, deciding: Collection[int] | None = None
) -> dict[int, Person]:
    """Clients by id, with the salutation of those in `saluted`.

    `deciding`: the messages that are decided on, which do not count themselves. On PostgreSQL the clients' rows are
    then locked until the commit, so that two workers cannot both find one below a cap; None: one only foresees.
    """
    if not ids:
        return {}
    unit.flush()
    these = {"ids": list(ids)}
    rows = unit.connection.execute(_CLIENTS if deciding is None else _LOCKED_CLIENTS, these).all()
    complaints = {client_id for client_id in unit.connection.scalars(_COMPLAINTS, these) if client_id is not None}
    spans = _spans(now, deciding or ())
    sent, planned = _sent(unit, these | spans), _plans(unit, ids, spans)
    known = _Known(_consents(unit, these), complaints, sent, branch_date(now), planned)
    return {row.id: _person(unit, row, known, row.id in saluted) for row in rows}


@dataclass(frozen=True, slots=True)
class _Known:
    consents: dict[int, set[ConsentPurpose]]
    complaints: set[int]
    sent: dict[int, _Sent]
    today: date
    plans: dict[int, PlanFacts]


def _person(unit: Unit, row: Any, known: _Known, saluted: bool) -> Person:
    sent = known.sent.get(row.id, _Sent())
    facts = ClientFacts(
        client_id=row.id,
        state=row.state,
        kind=row.kind,
        opted_out=row.opted_out_at is not None,
        consents=frozenset(known.consents.get(row.id, ())),
        risk_level=row.risk_level,
        risk_valid_until=row.risk_valid_until,
        age=_age(row, known.today),
        open_complaint=row.id in known.complaints,
        quiet=(row.quiet_from, row.quiet_to) if row.quiet_from and row.quiet_to else None,
        sent_today=sent.today,
        sent_week=sent.week,
        plan=known.plans.get(row.id),
    )
    wanted = saluted and row.salutation_sealed
    return Person(facts, row.locale, unit.vault.open(SALUTATION, row.salutation_sealed) if wanted else None)


def _consents(unit: Unit, these: Mapping[str, Any]) -> dict[int, set[ConsentPurpose]]:
    found: dict[int, set[ConsentPurpose]] = {}
    for client_id, purpose in unit.connection.execute(_CONSENTS, these).all():
        found.setdefault(client_id, set()).add(purpose)
    return found


def _spans(now: datetime, deciding: Collection[int]) -> dict[str, Any]:
    """Since when messages count, and which do not."""
    midnight = branch_time(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"midnight": midnight, "week": now - WEEK, "dead": now - claims.HOLD, "now": now, "deciding": list(deciding)}


def _sent(unit: Unit, these: Mapping[str, Any]) -> dict[int, _Sent]:
    """What clients got, may have got or are about to get of messages that count against a cap."""
    return {
        client_id: _Sent(today, dict(zip(WEEKLY, week, strict=True)))
        for client_id, today, *week in unit.connection.execute(_SENT, these).all()
    }


def plans(unit: Unit, ids: Collection[int], now: datetime) -> dict[int, PlanFacts]:
    """The plans of those who have one of their own."""
    return _plans(unit, ids, _spans(now, ()))


def _plans(unit: Unit, ids: Collection[int], spans: Mapping[str, Any]) -> dict[int, PlanFacts]:
    found = {row.client_id: row for row in unit.connection.execute(_PLANS, {"ids": list(ids)})}
    if not found:
        return {}
    these, liked = {"ids": list(found)}, dict[int, set[Interest]]()
    for client_id, interest in unit.connection.execute(_INTERESTS, these):
        liked.setdefault(client_id, set()).add(interest)
    sent = dict(unit.connection.execute(_PLANNED, {**these, **spans}).all())
    return {
        one: PlanFacts(row.plan, row.weekly, frozenset(liked.get(one, ())), sent.get(one, 0))
        for one, row in found.items()
    }


def _age(row: Any, today: date) -> int | None:
    """Full years; a lunar birthday is read as a solar one, some weeks early."""
    if row.birth_year is None or row.birth_month is None or row.birth_day is None:
        return None
    ahead = (today.month, today.day) < (row.birth_month, row.birth_day)
    return today.year - int(row.birth_year) - ahead


def chats(unit: Unit, ids: Iterable[int], *, counted: bool = False) -> dict[int, ChatFacts]:
    """Chats by id, with their consents to notices where these are counted."""
    unit.flush()
    wanted = list(set(ids))
    rows = unit.connection.execute(_CHATS, {"ids": wanted}).all()
    left = notices.left(unit, wanted) if counted else {}
    return {row[0]: ChatFacts(row[1] is not None, *row[2:], notices=left.get(row[0], {})) for row in rows}
