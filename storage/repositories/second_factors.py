"""Reading and writing second factors of sign-ins; secrets are sealed, recovery codes kept as keyed hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update

from storage.models import SecondFactorRow, StaffRecoveryRow, StaffSessionRow
from storage.unit import Unit

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


def begin(unit: Unit, staff_id: int, secret: str) -> None:
    """Keep a secret that nobody has confirmed yet."""
    unit.session.add(SecondFactorRow(staff_id=staff_id, secret_sealed=unit.vault.seal(SECRET, secret)))
    unit.flush()


def confirm(unit: Unit, staff_id: int, recovery: Sequence[str], now: datetime) -> None:
    """Let it count, with its recovery codes."""
    unit.session.execute(update(SecondFactorRow).where(SecondFactorRow.staff_id == staff_id).values(confirmed_at=now))
    keys = [unit.vault.lookup(RECOVERY, code) for code in recovery]
    unit.session.add_all([StaffRecoveryRow(staff_id=staff_id, code_key=key) for key in keys])
    unit.flush()


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
