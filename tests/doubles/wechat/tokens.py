"""Access tokens: never the same string for two tokens, and every way in which one stops working."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock, branch_date

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
FORCED_APART = timedelta(seconds=30)
FORCED_A_DAY = 20


@dataclass
class Tokens:
    """Tokens of `/token` and of `/stable_token`, isolated from each other."""

    clock: Clock
    _ends: dict[str, datetime] = field(default_factory=dict)
    _killed: set[str] = field(default_factory=set)
    _plain: str = ""
    _stable: str = ""
    _forced: list[datetime] = field(default_factory=list)

    def plain(self) -> tuple[str, int]:
        """A new token and its seconds; the former one lives five more minutes."""
        self._shorten(self._plain, OVERLAP)
        self._plain = self._issue()
        return self._plain, int(LIFE.total_seconds())

    def stable(self) -> tuple[str, int]:
        """The current token and its remaining seconds; a new one only in the last five minutes of the old."""
        if self._left(self._stable) <= OVERLAP:
            self._stable = self._issue()
        return self._stable, int(self._left(self._stable).total_seconds())

    def force(self) -> tuple[str, int]:
        """A new stable token; the former one dies at once."""
        self._forced.append(self.clock.now())
        self._shorten(self._stable, timedelta())
        self._stable = self._issue()
        return self._stable, int(LIFE.total_seconds())

    def refusal_to_force(self) -> int:
        """0, or the code: 45011 within 30 s of the last time, 45009 after 20 on one day."""
        now = self.clock.now()
        if self._forced and now - self._forced[-1] < FORCED_APART:
            return 45011
        today = [at for at in self._forced if branch_date(at) == branch_date(now)]
        return 45009 if len(today) >= FORCED_A_DAY else 0

    def kill(self) -> None:
        """Everything issued so far is invalid from now."""
        self._killed.update(self._ends)
        self._plain = self._stable = ""

    def refusal(self, token: str) -> int:
        """0 when the token works, else 41001 (missing), 40001 (unknown or replaced) or 42001 (expired)."""
        if not token:
            return 41001
        if token not in self._ends or token in self._killed:
            return 40001
        return 0 if self._left(token) > timedelta() else 42001

    def _issue(self) -> str:
        token = f"{len(self._ends) + 1}_{secrets.token_urlsafe(96)}"
        self._ends[token] = self.clock.now() + LIFE
        return token

    def _left(self, token: str) -> timedelta:
        return self._ends[token] - self.clock.now() if token in self._ends else timedelta()

    def _shorten(self, token: str, left: timedelta) -> None:
        if token and self._left(token) > left:
            self._ends[token] = self.clock.now() + left
            if not left:
                self._killed.add(token)
