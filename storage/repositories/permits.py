"""Permits: one row per lane says when its next message may go, so that all workers together keep its rate.

Instants are seconds since 1970 by the callers' clock; hosts that share a database must agree on the time.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Double, bindparam, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.models import Base, PermitRow
from storage.unit import Unit
from storage.upserts import Insert

_PERMITS = Base.metadata.tables[PermitRow.__tablename__]
_PERMIT = _PERMITS.c
_NOW, _STEP, _PATIENCE, _UNTIL = (
    bindparam(name, type_=Double[float]()) for name in ("now", "step", "patience", "until")
)
_OF_LANE = _PERMIT.lane == bindparam("which")
_RESERVED = (
    update(_PERMITS)
    .where(_OF_LANE, _PERMIT.next_at <= _NOW + _PATIENCE)
    .values(next_at=case((_PERMIT.next_at < _NOW, _NOW), else_=_PERMIT.next_at) + _STEP)
    .returning(_PERMIT.next_at)
)
_NEXT = select(_PERMIT.next_at).where(_OF_LANE)
_PAUSED = update(_PERMITS).where(_OF_LANE, _PERMIT.next_at < _UNTIL).values(next_at=_UNTIL)
_NEW: Mapping[str, Insert] = {"sqlite": sqlite.insert(_PERMITS), "postgresql": postgresql.insert(_PERMITS)}
_ENSURED = {name: new.on_conflict_do_nothing() for name, new in _NEW.items()}
_GRANTED = {
    name: new.on_conflict_do_update(
        index_elements=["lane"], set_={"next_at": new.excluded.next_at}, where=_PERMIT.next_at <= _NOW
    ).returning(_PERMIT.lane)
    for name, new in _NEW.items()
}


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages per second (None: no limit), and for how many seconds a caller would wait."""

    rate: float | None
    patience: float


def reserve(unit: Unit, lane: str, count: int, pace: Pace, now: float) -> float:
    """Reserve `count` sends on a lane; returns the seconds until the first of them may go.

    Nothing is reserved for a caller who would have to wait longer than it will: what it does not use is lost to all.
    Without a rate nothing is used up, yet a pause still holds.
    """
    if pace.rate is None:
        return max(0.0, paused_until(unit, lane) - now)
    step = count / pace.rate
    asked = {"which": lane, "now": now, "step": step, "patience": pace.patience}
    after: float | None = unit.connection.scalar(_RESERVED, asked)
    if after is not None:
        return max(0.0, float(after) - step - now)
    _ensure(unit, lane, now)
    wait = paused_until(unit, lane) - now
    return wait if wait > pace.patience else reserve(unit, lane, count, pace, now)


def pause(unit: Unit, lane: str, until: float) -> None:
    """Let nobody send on a lane before `until`."""
    _ensure(unit, lane, until)
    unit.connection.execute(_PAUSED, {"which": lane, "until": until})


def paused_until(unit: Unit, lane: str) -> float:
    """When the next message may go; 0 for a lane never used."""
    found: float | None = unit.connection.scalar(_NEXT, {"which": lane})
    return found or 0.0


def grant(unit: Unit, lanes: Sequence[str], rate: float, now: float) -> set[str]:
    """Take one send on each lane that is free now; returns those lanes. The others have to be asked for again.

    In one order, whoever asks: else two on PostgreSQL could each wait for a lane that the other has.
    """
    if not lanes:
        return set()
    rows = [{"lane": lane, "next_at": now + 1 / rate, "now": now} for lane in sorted(lanes)]
    return set(unit.connection.scalars(_GRANTED[unit.connection.dialect.name], rows))


def forget(unit: Unit, keep: Collection[str], before: float) -> None:
    """Drop lanes that have not been used since `before`, except those named."""
    unit.session.execute(delete(PermitRow).where(PermitRow.next_at < before, PermitRow.lane.not_in(keep)))


def _ensure(unit: Unit, lane: str, next_at: float) -> None:
    unit.connection.execute(_ENSURED[unit.connection.dialect.name], {"lane": lane, "next_at": next_at})
