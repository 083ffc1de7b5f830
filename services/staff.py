"""Staff: who may sign in, and what they may do."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.clock import Clock
from bot.errors import NotPermitted, Refused
from bot.vocabulary import PERMISSIONS, Action, Reach, StaffState
from services.rules import Rules
from storage.repositories import sign_ins as tries
from storage.repositories import staff as rows
from storage.repositories.listing import Whose
from storage.repositories.staff import Staff, StaffSession
from storage.unit import Unit

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SHORTEST_PASSWORD = 8
LONGEST_NUMBER = 64
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


def scope(staff: Staff, action: Action) -> Whose:
    """Whose clients and work the person may do it with; NotPermitted where nobody's."""
    demand(staff, action)
    return None if reach(staff, action) is Reach.ALL else staff.whose


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to sign in that has been counted: with which number, whose it is, and how many tries are left."""

    number: str
    found: Staff | None
    left: int

    @property
    def hash(self) -> str:
        """What the password is compared with; for nobody one that nothing fits and that takes as long."""
        return self.found.password_hash if self.found else _nobody()


@dataclass(frozen=True)
class SignIns:
    """Signing in and out; the cookie's word is random, only its hash is kept."""

    clock: Clock
    rules: Rules

    def attempt(self, unit: Unit, number: str) -> Attempt:
        """Count a try before it is known how it ends; staff_locked where there have been too many.

        Numbers that nobody has are counted and locked alike, or they could be told from those of staff.
        """
        now, number = self.clock.now(), number[:LONGEST_NUMBER]
        until = tries.locked_until(unit, number)
        if until is not None and until > now:
            raise Refused("staff_locked", until=until)
        left = self.rules.login_tries - tries.count(unit, number, now)
        if left <= 0:
            tries.lock(unit, number, now + self.rules.login_lock)
        return Attempt(number, rows.by_number(unit, number), max(left, 0))

    def check(self, unit: Unit, attempt: Attempt, *, fits: bool) -> Staff:
        """Let a person in; the refusal does not tell which part was wrong."""
        found = attempt.found
        if not found or not fits or found.state is not StaffState.ACTIVE:
            raise Refused("staff_wrong_password", remaining=attempt.left)
        tries.forget(unit, attempt.number)
        return found

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


def _nobody() -> str:
    """A hash of no password, with the costs of those that are made now."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    costs = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def _hashed(word: str) -> bytes:
    return hashlib.sha256(word.encode()).digest()
