"""Permits: one row per lane says when its next message may go, so that all workers together keep its rate.

Instants are seconds since 1970 by the callers' clock; hosts that share a database must agree on the time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import case, delete, select, update

from storage.models import PermitRow
from storage.unit import Unit
from storage.upserts import insertion


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
    start = case((PermitRow.next_at < now, now), else_=PermitRow.next_at)
    soon = PermitRow.next_at <= now + pace.patience
    statement = update(PermitRow).where(PermitRow.lane == lane, soon).values(next_at=start + step)
    after = unit.session.execute(statement.returning(PermitRow.next_at)).scalar_one_or_none()
    if after is not None:
        return max(0.0, after - step - now)
    _ensure(unit, [lane], now)
    wait = paused_until(unit, lane) - now
    return wait if wait > pace.patience else reserve(unit, lane, count, pace, now)


def pause(unit: Unit, lane: str, until: float) -> None:
    """Let nobody send on a lane before `until`."""
    _ensure(unit, [lane], until)
    later = PermitRow.next_at < until
    unit.session.execute(update(PermitRow).where(PermitRow.lane == lane, later).values(next_at=until))


def paused_until(unit: Unit, lane: str) -> float:
    """When the next message may go; 0 for a lane never used."""
    return unit.session.execute(select(PermitRow.next_at).where(PermitRow.lane == lane)).scalar_one_or_none() or 0.0


def grant(unit: Unit, lanes: Sequence[str], rate: float, now: float) -> set[str]:
    """Take one send on each lane that is free now; returns those lanes. The others have to be asked for again."""
    if not lanes:
        return set()
    statement = insertion(unit, PermitRow).values([{"lane": lane, "next_at": now + 1 / rate} for lane in lanes])
    free = statement.on_conflict_do_update(
        index_elements=["lane"], set_={"next_at": now + 1 / rate}, where=PermitRow.next_at <= now
    )
    return set(unit.session.scalars(free.returning(PermitRow.lane)))


def forget(unit: Unit, keep: Collection[str], before: float) -> None:
    """Drop lanes that have not been used since `before`, except those named."""
    unit.session.execute(delete(PermitRow).where(PermitRow.next_at < before, PermitRow.lane.not_in(keep)))


def _ensure(unit: Unit, lanes: Sequence[str], next_at: float) -> None:
    statement = insertion(unit, PermitRow).values([{"lane": lane, "next_at": next_at} for lane in lanes])
    unit.session.execute(statement.on_conflict_do_nothing(index_elements=["lane"]))
