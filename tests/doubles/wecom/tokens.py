"""Access tokens of a corp: one for each secret, the same again until it ends or is revoked."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from tests.doubles.wecom.refusal import Refusal

LIFE = timedelta(seconds=7200)


@dataclass
class Tokens:
    """`apps` names the part of the corp that each secret opens."""

    clock: Clock
    apps: dict[str, str]
    _current: dict[str, str] = field(default_factory=dict)
    _issued: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _revoked: set[str] = field(default_factory=set)

    def give(self, secret: str) -> tuple[str, int]:
        """The token of a secret and its seconds; Refusal 40001 for an unknown one."""
        if secret not in self.apps:
            raise Refusal(40001, "invalid credential")
        token = self._current.get(secret, "")
        if not token or self._left(token) <= timedelta():
            token = self._current[secret] = f"{len(self._issued) + 1}-{secrets.token_urlsafe(48)}"
            self._issued[token] = (self.apps[secret], self.clock.now() + LIFE)
        return token, int(self._left(token).total_seconds())

    def app(self, token: str) -> str:
        """Which part of the corp a token opens; Refusal 41001, 40014 or 42001."""
        if not token:
            raise Refusal(41001, "access_token missing")
        if token not in self._issued or token in self._revoked:
            raise Refusal(40014, "invalid access_token")
        if self._left(token) <= timedelta():
            raise Refusal(42001, "access_token expired")
        return self._issued[token][0]

    def kill(self) -> None:
        """Everything issued so far is invalid from now."""
        self._revoked.update(self._issued)
        self._current.clear()

    def _left(self, token: str) -> timedelta:
        return self._issued[token][1] - self.clock.now()
