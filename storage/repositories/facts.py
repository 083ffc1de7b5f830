"""What the gate reads, loaded for a whole chunk at a time."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select, true

from bot.clock import branch_date, branch_time
from bot.vocabulary import ESSENTIAL, ClientFacts, ConsentPurpose, DeliveryState, Locale, Purpose, TicketKind
from bot.vocabulary.tickets import CLOSED
from storage.models import ChatAccountRow, ClientRow, ConsentRow, DeliveryRow, TicketRow
from storage.repositories import notices
from storage.repositories.clients import SALUTATION
from storage.unit import Unit

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


def people(
    unit: Unit, ids: Collection[int], saluted: Collection[int], now: datetime, *, locked: bool = True
) -> dict[int, Person]:
    """Clients by id, with the salutation of those in `saluted`.

    On PostgreSQL their rows are locked until the commit, so that two workers cannot both find a client below the
    daily cap; a reader who only foresees asks for them unlocked.
    """
    if not ids:
        return {}
    clients = select(*_CLIENT).where(ClientRow.id.in_(ids)).order_by(ClientRow.id)
    rows = unit.session.execute(clients.with_for_update(key_share=True) if locked else clients).all()
    known = _Known(_consents(unit, ids), _complaints(unit, ids), _sent(unit, ids, now), branch_date(now))
    return {row.id: _person(unit, row, known, row.id in saluted) for row in rows}


@dataclass(frozen=True, slots=True)
class _Known:
    consents: dict[int, set[ConsentPurpose]]
    complaints: set[int]
    sent: dict[int, _Sent]
    today: date


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
    )
    wanted = saluted and row.salutation_sealed
    return Person(facts, row.locale, unit.vault.open(SALUTATION, row.salutation_sealed) if wanted else None)


def _consents(unit: Unit, ids: Collection[int]) -> dict[int, set[ConsentPurpose]]:
    given = select(ConsentRow.client_id, ConsentRow.purpose).where(
        ConsentRow.client_id.in_(ids), ConsentRow.current, ConsentRow.granted
    )
    found: dict[int, set[ConsentPurpose]] = {}
    for client_id, purpose in unit.session.execute(given):
        found.setdefault(client_id, set()).add(purpose)
    return found


def _complaints(unit: Unit, ids: Collection[int]) -> set[int]:
    complaints = select(TicketRow.client_id).where(
        TicketRow.client_id.in_(ids), TicketRow.kind == TicketKind.COMPLAINT, TicketRow.state.not_in(list(CLOSED))
    )
    return {client_id for client_id in unit.session.scalars(complaints) if client_id is not None}


def _sent(unit: Unit, ids: Collection[int], now: datetime) -> dict[int, _Sent]:
    """What clients got, or may have got, of messages that count against a cap.

    Counted client by client: so both databases use the index on clients, whatever they know of the table.
    """
    midnight = branch_time(now).replace(hour=0, minute=0, second=0, microsecond=0)
    week = now - timedelta(days=7)
    product = DeliveryRow.product_risk.is_not(None) | (DeliveryRow.purpose == Purpose.PRODUCT)
    education = DeliveryRow.purpose == Purpose.EDUCATION
    statement = select(ClientRow.id, _count(midnight, true()), _count(week, product), _count(week, education)).where(
        ClientRow.id.in_(ids)
    )
    return {
        client_id: _Sent(today, {Purpose.PRODUCT: products, Purpose.EDUCATION: lessons})
        for client_id, today, products, lessons in unit.session.execute(statement)
    }


def _count(since: datetime, which: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(DeliveryRow)
        .where(DeliveryRow.client_id == ClientRow.id, DeliveryRow.claimed_at >= since, which)
        .where(DeliveryRow.state.in_(OUT), DeliveryRow.purpose.not_in(list(ESSENTIAL)))
        .correlate(ClientRow)
        .scalar_subquery()
    )


def _age(row: Any, today: date) -> int | None:
    """Full years; a lunar birthday is read as a solar one, some weeks early."""
    if row.birth_year is None or row.birth_month is None or row.birth_day is None:
        return None
    ahead = (today.month, today.day) < (row.birth_month, row.birth_day)
    return today.year - int(row.birth_year) - ahead


def chats(unit: Unit, ids: Iterable[int], *, counted: bool = False) -> dict[int, ChatFacts]:
    """Chats by id, with their consents to notices where these are counted."""
    wanted = set(ids)
    rows = unit.session.execute(select(ChatAccountRow.id, *_CHAT).where(ChatAccountRow.id.in_(wanted)))
    left = notices.left(unit, wanted) if counted else {}
    return {row[0]: ChatFacts(row[1] is not None, *row[2:], notices=left.get(row[0], {})) for row in rows}
