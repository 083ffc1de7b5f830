"""Staff: who may sign in, and what they may do."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.clock import Clock
from bot.errors import NotPermitted, Refused
from bot.vocabulary import PERMISSIONS, Action, Reach, StaffState
from services.rules import Rules
from storage.repositories import staff as rows
from storage.repositories.staff import Staff, StaffSession
from storage.unit import Unit

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SHORTEST_PASSWORD = 8
_TOUCH = timedelta(minutes=1)

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2 hash of a password (some 100 ms: call it off the event loop)."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused("staff_password_short", length=SHORTEST_PASSWORD)
    return _hasher.hash(password)


def fits(password_hash: str, password: str) -> bool:
    """Whether a password is the one (some 100 ms)."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def reach(staff: Staff, action: Action) -> Reach:
    """How far the person's roles let them go."""
    reaches = {PERMISSIONS[action][role] for role in staff.roles}
    return next((step for step in (Reach.ALL, Reach.OWN) if step in reaches), Reach.NONE)


def demand(staff: Staff, action: Action, *, own: bool = True) -> None:
    """Raise NotPermitted unless the person may do it; `own` says that the thing is theirs."""
    allowed = reach(staff, action)
    if staff.state is not StaffState.ACTIVE or allowed is Reach.NONE or (allowed is Reach.OWN and not own):
        raise NotPermitted("staff_not_permitted")


@dataclass(frozen=True)
class SignIns:
    """Signing in and out; the cookie's word is random, only its hash is kept."""

    clock: Clock
    rules: Rules

    @cached_property
    def _nobody(self) -> str:
        return _hasher.hash(secrets.token_urlsafe())

    def candidate_hash(self, found: Staff | None) -> str:
        """The hash to compare with; an unknown number costs the same time as a known one."""
        return found.password_hash if found else self._nobody

    def check(self, unit: Unit, found: Staff | None, *, fits: bool) -> Staff:
        """Let a person in or count the failure; the refusal does not tell which part was wrong.

        The failure is counted by `failed`, in a transaction of its own, since a refusal rolls back.
        """
        now = self.clock.now()
        if found and found.locked_until and found.locked_until > now:
            raise Refused("staff_locked", until=found.locked_until)
        if not found or not fits or found.state is not StaffState.ACTIVE:
            left = self.rules.login_tries - 1 - (found.failed_tries if found else 0)
            raise Refused("staff_wrong_password", remaining=max(left, 0))
        rows.set_tries(unit, found.id, 0, None)
        return found

    def failed(self, unit: Unit, staff_id: int) -> bool:
        """Count one failed try; True when it locks the account."""
        found = rows.by_id(unit, staff_id)
        if found is None:
            return False
        tries = found.failed_tries + 1
        locked = tries >= self.rules.login_tries
        until = self.clock.now() + self.rules.login_lock if locked else None
        rows.set_tries(unit, staff_id, 0 if locked else tries, until)
        return locked

    def open(self, unit: Unit, staff_id: int) -> str:
        """Begin a sign-in; returns the word for the cookie."""
        word = secrets.token_urlsafe(32)
        rows.open_session(unit, staff_id, _hashed(word), secrets.token_urlsafe(24), self.clock.now())
        return word

    def current(self, unit: Unit, word: str) -> StaffSession | None:
        """The sign-in behind a cookie, unless it idled out, grew too old, or the person was disabled."""
        found = rows.session_of(unit, _hashed(word))
        now = self.clock.now()
        if found is None or found.staff.state is not StaffState.ACTIVE:
            return None
        if now - found.seen_at > IDLE or now - found.created_at > LONGEST:
            return None
        return found

    def stale(self, session: StaffSession) -> bool:
        """Whether its last use should be noted again (not at every request)."""
        return self.clock.now() - session.seen_at > _TOUCH

    def touch(self, unit: Unit, session_id: int) -> None:
        """Note that a sign-in is in use."""
        rows.touch_session(unit, session_id, self.clock.now())

    def close(self, unit: Unit, session_id: int) -> None:
        """Sign out."""
        rows.end_session(unit, session_id, self.clock.now())


def _hashed(word: str) -> bytes:
    return hashlib.sha256(word.encode()).digest()
