"""The audit trail as a chain: what is not sealed yet, where the chain ends, and its entries in their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update

from storage.models import AuditHeadRow, AuditRow
from storage.unit import Unit
from storage.upserts import insertion

_ONLY = 1
"""The number of the one row that tells where the chain ends."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain, or of a part of it: how many entries it holds, and the seal of the last."""

    place: int
    seal: bytes


START = Head(0, bytes(32))


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed with its place in the chain; place and seal are None until it is sealed.

    What it tells of a client is covered as the ciphertext it stands as.
    """

    id: int
    at: datetime
    staff_id: int | None
    action: str
    object: str
    detail: dict[str, Any]
    reason: str | None
    client_id: int | None = None
    personal: bytes | None = None
    place: int | None = None
    seal: bytes | None = None


def unsealed(unit: Unit, limit: int) -> list[Entry]:
    """The oldest entries without a seal."""
    chosen = select(AuditRow).where(AuditRow.seal.is_(None)).order_by(AuditRow.id).limit(limit)
    return [_entry(row) for row in unit.session.scalars(chosen)]


def any_unsealed(unit: Unit) -> bool:
    """Whether something waits for its seal."""
    return unit.session.scalar(select(AuditRow.id).where(AuditRow.seal.is_(None)).limit(1)) is not None


def count_unsealed(unit: Unit) -> int:
    """How many entries wait for their seal."""
    return unit.session.scalars(select(func.count()).select_from(AuditRow).where(AuditRow.seal.is_(None))).one()


def head(unit: Unit) -> Head:
    """Where the chain ends."""
    row = unit.session.get(AuditHeadRow, _ONLY)
    return START if row is None else Head(row.place, row.seal)


def held_head(unit: Unit) -> Head:
    """The same for whoever adds to it: others who want to wait until this transaction ends."""
    first = insertion(unit, AuditHeadRow).values(id=_ONLY, place=START.place, seal=START.seal)
    unit.session.execute(first.on_conflict_do_nothing())
    row = unit.session.scalars(select(AuditHeadRow).where(AuditHeadRow.id == _ONLY).with_for_update()).one()
    return Head(row.place, row.seal)


def seal(unit: Unit, seals: Sequence[tuple[int, Head]]) -> None:
    """Seal entries, by their ids, and let the chain end with the last of them."""
    table, last = AuditRow.__table__, seals[-1][1]
    statement = (
        update(AuditRow)
        .where(table.c.id == bindparam("entry"))
        .values(place=bindparam("at_place"), seal=bindparam("with_seal"))
    )
    values = [{"entry": entry_id, "at_place": one.place, "with_seal": one.seal} for entry_id, one in seals]
    unit.connection.execute(statement, values)
    ended = update(AuditHeadRow).where(AuditHeadRow.id == _ONLY).values(place=last.place, seal=last.seal)
    unit.session.execute(ended)


def following(unit: Unit, place: int, limit: int) -> list[Entry]:
    """The sealed entries after a place, in the chain's order."""
    chosen = select(AuditRow).where(AuditRow.place > place).order_by(AuditRow.place).limit(limit)
    return [_entry(row) for row in unit.session.scalars(chosen)]


def _entry(row: AuditRow) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        staff_id=row.staff_id,
        action=row.action,
        object=row.object,
        detail=dict(row.detail),
        reason=row.reason,
        client_id=row.client_id,
        personal=row.personal,
        place=row.place,
        seal=row.seal,
    )
