"""Making two records of one person one: what hangs on the one is hung on the other, and the stricter word holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, and_, delete, exists, select, update

from bot.vocabulary import AssetBand, ClientKind, ClientState, ConsentPurpose, DeliveryState, Duty, Gender, RiskLevel
from bot.vocabulary.rights import Gone
from storage.models import Base, ClientAssignmentRow, ClientRow, ConsentRow, DeliveryRow, LegalHoldRow
from storage.repositories import claims, client_assignments, holdings, lessons
from storage.repositories.client_assignments import Hand
from storage.repositories.clients import IDENTITY
from storage.repositories.listing import opened
from storage.repositories.person_parts import PARTS
from storage.unit import Unit

Level = tuple[RiskLevel, date]
"""A result of an assessment, and the last day on which it holds."""

LEVELS = list(RiskLevel)


@dataclass(frozen=True, slots=True)
class Said:
    """What a client said of one purpose, and when."""

    id: int
    client_id: int
    purpose: ConsentPurpose
    granted: bool
    at: datetime


def differ(unit: Unit, one: int, other: int) -> bool:
    """Whether both have an id number, and not the same."""
    sealed = unit.session.scalars(select(ClientRow.identity_sealed).where(ClientRow.id.in_((one, other))))
    return len({number for number in (opened(unit, IDENTITY, each) for each in sealed) if number}) > 1


def hang_on(unit: Unit, one: int, into: int, now: datetime) -> dict[str, int]:
    """Let all that names the one client name the other; how many rows by table. What both have is there once.

    A statement of the same day and instrument stays as the other's tells it; its figures are reckoned again.
    """
    unit.flush()
    _agree(unit, one, into)
    _cancel_twins(unit, one, into)
    lessons.keep_better(unit, one, into)
    terms = update(ClientAssignmentRow).where(ClientAssignmentRow.client_id == one)
    unit.session.execute(terms.where(ClientAssignmentRow.ended_at.is_(None)).values(ended_at=now))
    moved = {}
    for table in _tables():
        named = [_renamed(unit, table, column, one, into) for column in _naming(table)]
        _drop_circles(unit, table)
        moved[table.name] = sum(named)
    holdings.due_anew(unit, into)
    unit.session.expire_all()
    return moved


def unite(unit: Unit, one: int, into: int, now: datetime) -> None:
    """Fill what the other lacks, let the stricter word hold, and leave the one as history."""
    old, new = unit.session.get_one(ClientRow, one), unit.session.get_one(ClientRow, into)
    for name, value in (united(old, new) | {"updated_at": now}).items():
        setattr(new, name, value)
    old.gone, old.merged_into, old.state, old.updated_at = Gone.MERGED, into, ClientState.CLOSED, now
    earlier = update(ClientRow).where(ClientRow.merged_into == one).values(merged_into=into)
    unit.session.execute(earlier)
    for duty in Duty:
        client_assignments.follow(unit, duty, ClientRow.id == into, Hand(now))
    unit.flush()
    claims.look_anew(unit, into, now)


def united(old: ClientRow, new: ClientRow) -> dict[str, Any]:
    """What will stand in the columns of the record that stays, where that is not what stands there."""
    filled = {name: getattr(old, name) for group in _GROUPS if getattr(new, group[0]) is None for name in group}
    level = stricter(_level(old), _level(new)) or (None, None)
    return filled | {
        "gender": old.gender if new.gender is Gender.UNKNOWN else new.gender,
        "asset_band": old.asset_band if new.asset_band is AssetBand.UNKNOWN else new.asset_band,
        "risk_level": level[0],
        "risk_valid_until": level[1],
        "state": harder(old.state, new.state),
        "kind": new.kind if old.kind is new.kind else ClientKind.ORDINARY,
        "opted_out_at": new.opted_out_at or old.opted_out_at,
        "opened_on": min(filter(None, (old.opened_on, new.opened_on)), default=None),
    }


def stricter(one: Level | None, other: Level | None) -> Level | None:
    """The lower level, of equal ones the one that ends earlier; a record without a result says nothing."""
    found = [level for level in (one, other) if level]
    return min(found, key=lambda level: (LEVELS.index(level[0]), level[1]), default=None)


def harder(one: ClientState, other: ClientState) -> ClientState:
    """Deceased or frozen on either record is so; else the other's state stays."""
    for state in (ClientState.DECEASED, ClientState.FROZEN):
        if state in (one, other):
            return state
    return other


def _level(row: ClientRow) -> Level | None:
    return (row.risk_level, row.risk_valid_until) if row.risk_level and row.risk_valid_until else None


_GROUPS = (
    *((f"{name}_sealed", f"{name}_key") for name in ("phone", "identity", "email", "fund_account")),
    ("quiet_from", "quiet_to"),
    ("birth_month", "birth_day", "birth_year", "birth_lunar", "birth_leap"),
    *((name,) for name in ("salutation_sealed", "manager_id", "adviser_id", "preferred_channel")),
    *((name,) for name in ("occupation", "region", "branch", "style", "prefers")),
)
"""Columns that are filled together, where the first of them is empty."""


def holding(said: Iterable[Said]) -> dict[ConsentPurpose, Said]:
    """Of what both said of a purpose a no holds before a yes, and of equal words the later."""
    latest = sorted(said, key=lambda one: (one.at, one.id), reverse=True)
    found: dict[ConsentPurpose, Said] = {}
    for one in sorted(latest, key=lambda one: one.granted):
        found.setdefault(one.purpose, one)
    return found


def said_by(unit: Unit, client_ids: Sequence[int]) -> list[Said]:
    """What holds now of each purpose that any of these clients spoke of."""
    row = ConsentRow
    columns = (row.id, row.client_id, row.purpose, row.granted, row.at)
    found = select(*columns).where(row.client_id.in_(client_ids), row.current).order_by(row.id)
    return [Said(*one) for one in unit.session.execute(found)]


def _agree(unit: Unit, one: int, into: int) -> None:
    """Let one word of each purpose hold; all stays on record."""
    said = said_by(unit, (one, into))
    held = {each.id for each in holding(said).values()}
    passed = [each.id for each in said if each.id not in held]
    unit.session.execute(update(ConsentRow).where(ConsentRow.id.in_(passed)).values(current=False))


def _cancel_twins(unit: Unit, one: int, into: int) -> None:
    """Of a broadcast that waits for both records one message goes out."""
    table = Base.metadata.tables[DeliveryRow.__tablename__]
    other = table.alias()
    twin = exists().where(other.c.client_id == into, other.c.broadcast_id == table.c.broadcast_id)
    waits = and_(table.c.client_id == one, table.c.state == DeliveryState.PENDING, twin)
    unit.connection.execute(update(table).where(waits).values(state=DeliveryState.CANCELLED, rule=Gone.MERGED.value))


def _renamed(unit: Unit, table: Table, column: Column[Any], one: int, into: int) -> int:
    """Let a column name the other client; what the other has already is dropped."""
    for columns in _unique(table, column):
        _drop_twins(unit, (column, columns), one, into)
    named = update(table).where(column == one).values({column: into})
    return unit.connection.execute(named).rowcount


def _tables() -> Iterator[Table]:
    names = (*(part.name for part in PARTS), LegalHoldRow.__tablename__)
    return (table for table in map(Base.metadata.tables.__getitem__, names) if _naming(table))


def _naming(table: Table) -> list[Column[Any]]:
    """The columns that name a client."""
    return [column for column in table.columns if any(column.references(key) for key in _CLIENTS.primary_key)]


_CLIENTS = Base.metadata.tables[ClientRow.__tablename__]


def _unique(table: Table, named: Column[Any]) -> Iterator[list[Column[Any]]]:
    """The other columns of each rule by which a client has something once."""
    for rule in (table.primary_key, *table.constraints):
        if isinstance(rule, UniqueConstraint) or rule is table.primary_key:
            columns = list(rule.columns)
            if named in columns:
                yield [column for column in columns if column is not named]


def _drop_twins(unit: Unit, rule: tuple[Column[Any], list[Column[Any]]], one: int, into: int) -> None:
    named, columns = rule
    other = named.table.alias()
    twin = exists().where(other.c[named.name] == into, *[other.c[column.name] == column for column in columns])
    unit.connection.execute(delete(named.table).where(named == one, twin))


def _drop_circles(unit: Unit, table: Table) -> None:
    """Nobody is tied to themselves."""
    naming = _naming(table)
    if len(naming) > 1:
        unit.connection.execute(delete(table).where(naming[0] == naming[1]))
