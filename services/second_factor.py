"""The second factor of those who may send, export or manage staff: an authenticator's code, or a recovery code."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from bot.errors import Refused
from bot.vocabulary import Action, Reach, StaffState
from services import audit, totp
from services.audit import Deed
from services.staff import SignIns, demand, reach
from storage.repositories import second_factors as rows
from storage.repositories import sign_ins as tries
from storage.repositories import staff as staff_rows
from storage.repositories.staff import Staff
from storage.unit import Unit

NEEDED_FOR = (
    *(Action.WRITE_BROADCAST, Action.APPROVE_BROADCAST, Action.EXPORT_AUDIT, Action.EXPORT_CLIENT),
    Action.MANAGE_STAFF,
)
RECOVERY_CODES = 10
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without those that are taken for others."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What somebody puts into their authenticator."""

    secret: str
    address: str


def needed(staff: Staff) -> bool:
    """Whether the person must give a second factor; the fictional staff of a demo branch need none."""
    return not staff.fictional and any(reach(staff, action) is not Reach.NONE for action in NEEDED_FOR)


def enrolled(unit: Unit, staff_id: int) -> bool:
    """Whether the person has a second factor that counts."""
    found = rows.of(unit, staff_id)
    return found is not None and found.confirmed_at is not None


def enrolment(unit: Unit, staff: Staff) -> Enrolment:
    """What to put into an authenticator; the same until it is confirmed, Refused afterwards."""
    found = rows.of(unit, staff.id)
    if found is not None and found.confirmed_at is not None:
        raise Refused("second_confirmed")
    secret = found.secret if found else rows.begin(unit, staff.id, totp.new_secret())
    return Enrolment(secret, totp.address(secret, staff.number))


def confirm(unit: Unit, staff: Staff, code: str, now: datetime) -> list[str]:
    """Let the factor count from now on; gives the recovery codes, which nobody can look up again."""
    found = rows.of(unit, staff.id)
    if found is None or found.confirmed_at is not None:
        raise Refused("second_confirmed")
    step = totp.matching_step(found.secret, _plain(code), now)
    if step is None:
        raise Refused("second_not_confirmed")
    rows.use_step(unit, staff.id, step)
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    if not rows.confirm(unit, staff.id, codes, now):
        raise Refused("second_confirmed")
    tries.forget(unit, _counter(staff))
    audit.record(unit, Deed("staff.second_enrol", f"staff:{staff.number}", now, staff.id))
    return codes


def attempt(unit: Unit, sign_ins: SignIns, staff: Staff) -> int:
    """Count a try before it is known how it ends; gives how many are left, staff_locked where there were too many.

    Counted apart from passwords: a right password must not give whoever stole it new tries at the code.
    """
    return sign_ins.attempt(unit, _counter(staff)).left


def check(unit: Unit, staff: Staff, code: str, left: int, now: datetime) -> None:
    """Refused unless it is a code of now that was not used yet, or a recovery code, which is used up."""
    found = rows.of(unit, staff.id)
    if found is None or found.confirmed_at is None or not _right(unit, staff, found.secret, code, now):
        raise Refused("second_wrong", remaining=left)
    tries.forget(unit, _counter(staff))


def reset(unit: Unit, by: Staff, number: str, now: datetime) -> None:
    """Take somebody's factor away, as after a lost telephone: they enrol anew, and their sign-ins end."""
    demand(by, Action.MANAGE_STAFF)
    person = staff_rows.by_number(unit, number)
    if person is None or person.state is not StaffState.ACTIVE:
        raise Refused("staff_unknown", number=number)
    if person.id == by.id:
        raise Refused("staff_own")
    rows.forget(unit, person.id)
    tries.forget(unit, _counter(person))
    staff_rows.end_sessions(unit, person.id, now)
    audit.record(unit, Deed("staff.second_reset", f"staff:{number}", now, by.id))


def _right(unit: Unit, staff: Staff, secret: str, code: str, now: datetime) -> bool:
    step = totp.matching_step(secret, _plain(code), now)
    if step is not None:
        return rows.use_step(unit, staff.id, step)
    if rows.use_recovery(unit, staff.id, _plain(code)):
        left = rows.recovery_left(unit, staff.id)
        audit.record(unit, Deed("staff.recovery", f"staff:{staff.number}", now, staff.id, {"left": left}))
        return True
    return False


def _counter(staff: Staff) -> str:
    return f"second:{staff.number}"


def _recovery_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


def _plain(code: str) -> str:
    """As it was typed, without blanks and hyphens."""
    return "".join(code.upper().replace("-", "").split())
