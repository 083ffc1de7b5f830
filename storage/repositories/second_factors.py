"""Reading and writing second factors of sign-ins; secrets are sealed, recovery codes kept as keyed hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update

from storage.models import SecondFactorRow, StaffRecoveryRow, StaffSessionRow
from storage.unit import Unit
from storage.upserts import insertion

SECRET = "second_factors.secret"  # noqa: S105 - the place under which it is sealed
RECOVERY = "staff_recovery.code"


@dataclass(frozen=True, slots=True)
class Factor:
    """What somebody's authenticator knows; it counts once it was confirmed."""

    secret: str
    confirmed_at: datetime | None


def of(unit: Unit, staff_id: int) -> Factor | None:
    """Somebody's second factor, confirmed or not."""
    row = unit.session.get(SecondFactorRow, staff_id)
    return None if row is None else Factor(unit.vault.open(SECRET, row.secret_sealed), row.confirmed_at)


def begin(unit: Unit, staff_id: int, secret: str) -> str:
    """Keep a secret that nobody has confirmed yet; gives the one that is kept, of whoever came first."""
    sealed = unit.vault.seal(SECRET, secret)
    first = insertion(unit, SecondFactorRow).values(staff_id=staff_id, secret_sealed=sealed).on_conflict_do_nothing()
    unit.session.execute(first)
    kept = select(SecondFactorRow.secret_sealed).where(SecondFactorRow.staff_id == staff_id)
    return unit.vault.open(SECRET, unit.session.scalars(kept).one())


def confirm(unit: Unit, staff_id: int, recovery: Sequence[str], now: datetime) -> bool:
    """Let it count, with its recovery codes; False where it counts already."""
    row = SecondFactorRow
    waiting = update(row).where(row.staff_id == staff_id, row.confirmed_at.is_(None))
    if unit.session.execute(waiting.values(confirmed_at=now).returning(row.staff_id)).one_or_none() is None:
        return False
    keys = [unit.vault.lookup(RECOVERY, code) for code in recovery]
    unit.session.add_all([StaffRecoveryRow(staff_id=staff_id, code_key=key) for key in keys])
    unit.flush()
    return True


def use_step(unit: Unit, staff_id: int, step: int) -> bool:
    """Use up the codes up to a step; False where a code of it was used already."""
    row = SecondFactorRow
    fresh = or_(row.last_step.is_(None), row.last_step < step)
    used = update(row).where(row.staff_id == staff_id, fresh).values(last_step=step).returning(row.staff_id)
    return unit.session.execute(used).one_or_none() is not None


def use_recovery(unit: Unit, staff_id: int, code: str) -> bool:
    """Use a recovery code up; False where it is none, or none any more."""
    row, key = StaffRecoveryRow, unit.vault.lookup(RECOVERY, code)
    used = delete(row).where(row.staff_id == staff_id, row.code_key == key).returning(row.id)
    return unit.session.execute(used).one_or_none() is not None


def recovery_left(unit: Unit, staff_id: int) -> int:
    """How many recovery codes are left."""
    row = StaffRecoveryRow
    return unit.session.scalars(select(func.count()).select_from(row).where(row.staff_id == staff_id)).one()


def forget(unit: Unit, staff_id: int) -> None:
    """Take the factor and its recovery codes away."""
    unit.session.execute(delete(StaffRecoveryRow).where(StaffRecoveryRow.staff_id == staff_id))
    unit.session.execute(delete(SecondFactorRow).where(SecondFactorRow.staff_id == staff_id))


def passed(unit: Unit, session_id: int, now: datetime) -> None:
    """Note that a sign-in gave its second factor."""
    row = StaffSessionRow
    unit.session.execute(update(row).where(row.id == session_id).values(second_at=now))
